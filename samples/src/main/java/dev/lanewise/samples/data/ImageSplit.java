package dev.lanewise.samples.data;

/**
 * Pictures to learn from and pictures to judge by.
 *
 * @param origin where they come from, for people to read
 * @param isFull whether this is the full set rather than the part that a clone carries
 * @param train pictures to learn from
 * @param test pictures that are never learned from
 */
public record ImageSplit(String origin, boolean isFull, ImageSet train, ImageSet test) {}
