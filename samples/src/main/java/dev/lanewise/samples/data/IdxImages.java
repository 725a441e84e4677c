package dev.lanewise.samples.data;

import dev.lanewise.core.io.ModelFormatException;
import dev.lanewise.nn.data.IdxFile;
import dev.lanewise.samples.SampleException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Picture sets in the format of MNIST: one IDX file of images, one of labels. */
public final class IdxImages {
    private static final int HELD_OUT = 5_000;

    /** MNIST and its relatives have so many pictures to learn from. */
    private static final int FULL = 60_000;

    private IdxImages() {}

    static ImageSplit load(DataSource source, String set, List<String> classes) {
        ImageSet train = read(source, set, "train", classes);
        if (source.isCarried(set, "train-images-idx3-ubyte")) {
            ImageSet test = read(source, set, "test", classes);
            String origin = "%,d + %,d carried %s images".formatted(train.size(), test.size(), set);
            return new ImageSplit(origin, false, train, test);
        }
        int heldOut = Math.min(HELD_OUT, train.size() / 6);
        int kept = train.size() - heldOut;
        return new ImageSplit(
                "%,d %s images, of them the last %,d for testing"
                        .formatted(train.size(), set, heldOut),
                train.size() >= FULL,
                train.range(0, kept),
                train.range(kept, train.size()));
    }

    private static ImageSet read(DataSource source, String set, String part, List<String> classes) {
        String images = part + "-images-idx3-ubyte";
        String labels = part + "-labels-idx1-ubyte";
        return parse(images, source.read(set, images), labels, source.read(set, labels), classes);
    }

    /**
     * Pictures from the content of two IDX files, plain or gzip.
     *
     * @param imagesName for messages
     * @param images [N, height, width]
     * @param labelsName for messages
     * @param labels [N]
     * @throws SampleException if a file is not such a file, or the two do not fit together
     */
    public static ImageSet parse(
            String imagesName,
            byte[] images,
            String labelsName,
            byte[] labels,
            List<String> classes) {
        IdxFile pictures = parse(imagesName, images, 3);
        IdxFile answers = parse(labelsName, labels, 1);
        if (pictures.shape().size(0) != answers.shape().size(0)) {
            throw new SampleException(
                    "%s holds %d images but %s holds %d labels"
                            .formatted(
                                    imagesName,
                                    pictures.shape().size(0),
                                    labelsName,
                                    answers.shape().size(0)));
        }
        return new ImageSet(
                classes,
                (int) pictures.shape().size(1),
                (int) pictures.shape().size(2),
                255,
                pictures.values(),
                answers.values());
    }

    private static IdxFile parse(String name, byte[] content, int rank) {
        try {
            IdxFile file = IdxFile.read(name, new ByteArrayInputStream(content));
            if (file.shape().rank() != rank) {
                throw new SampleException(
                        "%s: its shape is %s, expected %d axes"
                                .formatted(name, file.shape(), rank));
            }
            return file;
        } catch (ModelFormatException e) {
            throw new SampleException(e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }
}
