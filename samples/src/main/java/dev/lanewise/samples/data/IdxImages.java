package dev.lanewise.samples.data;

import dev.lanewise.samples.SampleException;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Picture sets in the format of MNIST: one IDX file of images, one of labels. */
public final class IdxImages {
    private static final int LABELS_MAGIC = 0x0801;
    private static final int IMAGES_MAGIC = 0x0803;
    private static final int HELD_OUT = 5_000;

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
                true,
                train.range(0, kept),
                train.range(kept, train.size()));
    }

    private static ImageSet read(DataSource source, String set, String part, List<String> classes) {
        String images = part + "-images-idx3-ubyte";
        String labels = part + "-labels-idx1-ubyte";
        return parse(images, source.read(set, images), labels, source.read(set, labels), classes);
    }

    /**
     * Pictures from the content of two IDX files.
     *
     * @param imagesName for messages
     * @param images magic 0x0803, N, height, width, then N x height x width bytes
     * @param labelsName for messages
     * @param labels magic 0x0801, N, then N bytes
     * @throws SampleException if a file is not such a file, or the two do not fit together
     */
    public static ImageSet parse(
            String imagesName,
            byte[] images,
            String labelsName,
            byte[] labels,
            List<String> classes) {
        int[] imageSizes = sizes(imagesName, images, IMAGES_MAGIC, 3);
        int[] labelSizes = sizes(labelsName, labels, LABELS_MAGIC, 1);
        if (imageSizes[0] != labelSizes[0]) {
            throw new SampleException(
                    "%s holds %d images but %s holds %d labels"
                            .formatted(imagesName, imageSizes[0], labelsName, labelSizes[0]));
        }
        return new ImageSet(
                classes,
                imageSizes[1],
                imageSizes[2],
                255,
                Arrays.copyOfRange(images, 16, images.length),
                Arrays.copyOfRange(labels, 8, labels.length));
    }

    private static int[] sizes(String name, byte[] content, int magic, int rank) {
        ByteBuffer header = ByteBuffer.wrap(content);
        int headerBytes = 4 + 4 * rank;
        if (content.length < headerBytes || header.getInt() != magic) {
            throw new SampleException(
                    "%s is not an IDX file of bytes with %d dimension(s)".formatted(name, rank));
        }
        int[] sizes = new int[rank];
        long total = 1;
        for (int i = 0; i < rank; i++) {
            sizes[i] = header.getInt();
            // each factor is at most 2^31 and total stays below 2^31, so no overflow
            total = sizes[i] < 0 || total > content.length ? -1 : total * sizes[i];
        }
        if (total != content.length - headerBytes) {
            throw new SampleException(
                    "%s: the header promises %s bytes of data but %d follow it"
                            .formatted(name, Arrays.toString(sizes), content.length - headerBytes));
        }
        return sizes;
    }
}
