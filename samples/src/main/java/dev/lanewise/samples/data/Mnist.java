package dev.lanewise.samples.data;

import java.util.List;

/** Handwritten digits of 28x28 pixels. */
public final class Mnist {
    /** The classes: the digits. */
    public static final List<String> CLASSES =
            List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

    private Mnist() {}

    /**
     * The 8,000 + 2,000 that a clone carries, or of a full training file (60,000) all but the last
     * 5,000, which are for testing.
     */
    public static ImageSplit load(DataSource source) {
        return IdxImages.load(source, "mnist", CLASSES);
    }
}
