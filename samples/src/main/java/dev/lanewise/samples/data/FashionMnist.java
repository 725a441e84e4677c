package dev.lanewise.samples.data;

import java.util.List;

/** Pictures of clothes of 28x28 pixels. */
public final class FashionMnist {
    /** The kinds of clothes, by label. */
    public static final List<String> CLASSES =
            List.of(
                    "T-shirt",
                    "trouser",
                    "pullover",
                    "dress",
                    "coat",
                    "sandal",
                    "shirt",
                    "sneaker",
                    "bag",
                    "ankle boot");

    private FashionMnist() {}

    /**
     * The 2,000 + 500 that a clone carries, or of a full training file (60,000) all but the last
     * 5,000, which are for testing.
     */
    public static ImageSplit load(DataSource source) {
        return IdxImages.load(source, "fashion-mnist", CLASSES);
    }
}
