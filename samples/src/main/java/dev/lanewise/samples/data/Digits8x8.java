package dev.lanewise.samples.data;

import org.apache.commons.csv.CSVRecord;

import java.util.List;

/** 1,797 handwritten digits of 8x8 pixels: small enough to train on in a second. */
public final class Digits8x8 {
    private static final int AREA = 64;

    private Digits8x8() {}

    /** Every fifth picture is for testing, the others for training. */
    public static ImageSplit load(DataSource source) {
        List<CSVRecord> rows = Csv.plain(source.readText("digits8x8", "digits.csv"));
        return new ImageSplit(
                "1,797 digits of 8x8 pixels, every fifth for testing",
                true,
                images(rows, false),
                images(rows, true));
    }

    private static ImageSet images(List<CSVRecord> rows, boolean test) {
        int count = rows.size() / 5;
        int size = test ? count : rows.size() - count;
        byte[] pixels = new byte[size * AREA];
        byte[] labels = new byte[size];
        int n = 0;
        for (int i = 0; i < rows.size(); i++) {
            if ((i % 5 == 4) != test) {
                continue;
            }
            for (int p = 0; p < AREA; p++) {
                pixels[n * AREA + p] = Byte.parseByte(rows.get(i).get(p));
            }
            labels[n++] = Byte.parseByte(rows.get(i).get(AREA));
        }
        return new ImageSet(Mnist.CLASSES, 8, 8, 16, pixels, labels);
    }
}
