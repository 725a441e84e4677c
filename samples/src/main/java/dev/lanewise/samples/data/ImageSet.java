package dev.lanewise.samples.data;

import dev.lanewise.samples.SampleException;

import java.util.Arrays;
import java.util.List;

/**
 * Labelled grey pictures of one size.
 *
 * @param classes names of the classes, by label
 * @param height pixels
 * @param width pixels
 * @param white the value of a fully bright pixel
 * @param pixels {@code [N, height, width]}, unsigned
 * @param labels {@code [N]}
 */
public record ImageSet(
        List<String> classes, int height, int width, int white, byte[] pixels, byte[] labels) {

    /** Checks that sizes agree and that each label names a class. */
    public ImageSet {
        if ((long) labels.length * height * width != pixels.length) {
            throw new SampleException(
                    "%d labels but %d pixels of %dx%d images"
                            .formatted(labels.length, pixels.length, height, width));
        }
        for (byte label : labels) {
            if (label < 0 || label >= classes.size()) {
                throw new SampleException(
                        "label %d outside the %d classes".formatted(label & 0xff, classes.size()));
            }
        }
    }

    /** Number of pictures. */
    public int size() {
        return labels.length;
    }

    /** Pictures {@code from} (inclusive) to {@code to} (exclusive). */
    public ImageSet range(int from, int to) {
        int area = height * width;
        return new ImageSet(
                classes,
                height,
                width,
                white,
                Arrays.copyOfRange(pixels, from * area, to * area),
                Arrays.copyOfRange(labels, from, to));
    }

    /** The brightness of all pixels, 0 to 1: {@code [N, height, width]}. */
    public float[] brightness() {
        float[] values = new float[pixels.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (pixels[i] & 0xff) / (float) white;
        }
        return values;
    }

    /** The brightness of the pixels of one picture, 0 to 1. */
    public float[] brightness(int image) {
        return range(image, image + 1).brightness();
    }

    /** The labels as numbers. */
    public int[] labelInts() {
        int[] values = new int[labels.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = labels[i];
        }
        return values;
    }

    /** How many pictures each class has. */
    public int[] classCounts() {
        int[] counts = new int[classes.size()];
        for (byte label : labels) {
            counts[label]++;
        }
        return counts;
    }
}
