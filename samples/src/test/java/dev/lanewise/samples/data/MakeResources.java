package dev.lanewise.samples.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Makes the data files under {@code src/main/resources/data} again, from the full sets in the cache
 * folder ({@code samples/run fetch all}). Run by hand:
 *
 * <pre>java MakeResources CACHE_FOLDER samples/src/main/resources/data</pre>
 *
 * <p>What is selected, always in file order:
 *
 * <ul>
 *   <li>MNIST: the first 800 images of each class among the first 55,000 training images, and as
 *       test images the first 200 of each class among the last 5,000 training images. So no model
 *       trained on the first 55,000 has seen a test image. The original test file is not used.
 *   <li>Fashion-MNIST: the first 200 images of each class of the training file, and the first 50 of
 *       each class of the test file.
 *   <li>Moby-Dick: whole lines up to 300,000 bytes.
 *   <li>CMUdict: of the words made of letters only, first pronunciation each, 10,000 that lie
 *       evenly spread over the alphabet.
 *   <li>The others: whole.
 * </ul>
 */
final class MakeResources {
    private static final int LAST = 5_000;
    private final Path cache;
    private final Path target;

    private MakeResources(Path cache, Path target) {
        this.cache = cache;
        this.target = target;
    }

    public static void main(String[] args) throws IOException {
        new MakeResources(Path.of(args[0]), Path.of(args[1])).run();
    }

    private void run() throws IOException {
        byte[] images = read("mnist", "train-images-idx3-ubyte");
        byte[] labels = read("mnist", "train-labels-idx1-ubyte");
        int count = labels.length - 8;
        writeImages(
                "mnist", "train", images, labels, firstOfEachClass(labels, 0, count - LAST, 800));
        writeImages(
                "mnist",
                "test",
                images,
                labels,
                firstOfEachClass(labels, count - LAST, count, 200));

        images = read("fashion-mnist", "train-images-idx3-ubyte");
        labels = read("fashion-mnist", "train-labels-idx1-ubyte");
        count = labels.length - 8;
        writeImages(
                "fashion-mnist", "train", images, labels, firstOfEachClass(labels, 0, count, 200));
        images = read("fashion-mnist", "t10k-images-idx3-ubyte");
        labels = read("fashion-mnist", "t10k-labels-idx1-ubyte");
        count = labels.length - 8;
        writeImages(
                "fashion-mnist", "test", images, labels, firstOfEachClass(labels, 0, count, 50));

        write(
                "moby-dick",
                "moby-dick.txt",
                wholeLines(read("moby-dick", "moby-dick.txt"), 300_000));
        write("cmudict", "cmudict.txt", words(read("cmudict", "cmudict.txt"), 10_000));
        for (String[] whole :
                new String[][] {
                    {"digits8x8", "digits.csv"},
                    {"births", "us-births-1969-1988.csv"},
                    {"seattle-weather", "seattle-weather.csv"},
                    {"iris", "iris.csv"},
                    {"penguins", "penguins.json"}
                }) {
            write(whole[0], whole[1], read(whole[0], whole[1]));
        }
    }

    /** Positions of the first {@code perClass} items of each class in {@code [from, to)}. */
    private static int[] firstOfEachClass(byte[] labels, int from, int to, int perClass) {
        int[] taken = new int[10];
        int[] positions = new int[10 * perClass];
        int n = 0;
        for (int i = from; i < to; i++) {
            if (taken[labels[8 + i]]++ < perClass) {
                positions[n++] = i;
            }
        }
        if (n != positions.length) {
            throw new IllegalStateException("too few of a class: " + Arrays.toString(taken));
        }
        return positions;
    }

    private void writeImages(String set, String part, byte[] images, byte[] labels, int[] positions)
            throws IOException {
        ByteBuffer header = ByteBuffer.wrap(images);
        int size = header.getInt(8) * header.getInt(12);
        ByteBuffer outImages = ByteBuffer.allocate(16 + positions.length * size);
        outImages.put(images, 0, 4).putInt(positions.length).put(images, 8, 8);
        ByteBuffer outLabels = ByteBuffer.allocate(8 + positions.length);
        outLabels.put(labels, 0, 4).putInt(positions.length);
        for (int i : positions) {
            outImages.put(images, 16 + i * size, size);
            outLabels.put(labels[8 + i]);
        }
        write(set, part + "-images-idx3-ubyte", outImages.array());
        write(set, part + "-labels-idx1-ubyte", outLabels.array());
    }

    private static byte[] wholeLines(byte[] text, int limit) {
        int end = limit;
        while (text[end - 1] != '\n') {
            end--;
        }
        return Arrays.copyOf(text, end);
    }

    private static byte[] words(byte[] dictionary, int count) {
        List<String> plain = new ArrayList<>();
        for (String line : new String(dictionary, StandardCharsets.UTF_8).split("\n")) {
            if (line.matches("[A-Z]{2,}  .*")) {
                plain.add(line);
            }
        }
        StringBuilder text = new StringBuilder();
        for (long i = 0; i < count; i++) {
            text.append(plain.get((int) (i * plain.size() / count))).append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private byte[] read(String set, String file) throws IOException {
        Path plain = cache.resolve(set).resolve(file);
        if (Files.exists(plain)) {
            return Files.readAllBytes(plain);
        }
        try (InputStream in =
                new GZIPInputStream(Files.newInputStream(plain.resolveSibling(file + ".gz")))) {
            return in.readAllBytes();
        }
    }

    private void write(String set, String file, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gz = new BestGzip(bytes)) {
            gz.write(content);
        }
        Path path = target.resolve(set).resolve(file + ".gz");
        Files.createDirectories(path.getParent());
        Files.write(path, bytes.toByteArray());
        System.out.printf("%s/%s: %d -> %d bytes%n", set, file, content.length, bytes.size());
    }

    private static final class BestGzip extends GZIPOutputStream {
        BestGzip(OutputStream out) throws IOException {
            super(out);
            def.setLevel(9);
        }
    }
}
