package dev.lanewise.samples.data;

/**
 * Pictures to learn from and pictures to judge by.
 *
 * @param origin where they come from, for people to read
 * @param isFull whether this is the full set rather than a part of it
 * @param train pictures to learn from
 * @param test pictures that are never learned from
 */
public record ImageSplit(String origin, boolean isFull, ImageSet train, ImageSet test) {

    /** At most so many pictures of each part, the first ones; itself if it has no more. */
    public ImageSplit limited(int trainSize, int testSize) {
        if (train.size() <= trainSize && test.size() <= testSize) {
            return this;
        }
        ImageSet someTrain = train.range(0, Math.min(trainSize, train.size()));
        ImageSet someTest = test.range(0, Math.min(testSize, test.size()));
        return new ImageSplit(
                "%s; of these the first %,d + %,d"
                        .formatted(origin, someTrain.size(), someTest.size()),
                false,
                someTrain,
                someTest);
    }
}
