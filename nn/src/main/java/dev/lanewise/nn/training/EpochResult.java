package dev.lanewise.nn.training;

/**
 * What one epoch gave.
 *
 * @param epoch its number, from 0
 * @param loss the mean training loss per sample, while the parameters changed
 * @param accuracy the share of right classes among the training samples; NaN where targets are no
 *     classes
 * @param validation loss and accuracy on the validation samples; {@link Evaluation#NONE} without
 *     any
 * @param learningRate the learning rate of the last step
 * @param seconds the time it took, validation included
 * @param samples training samples seen
 */
public record EpochResult(
        int epoch,
        double loss,
        double accuracy,
        Evaluation validation,
        double learningRate,
        double seconds,
        long samples) {}
