package dev.lanewise.nn.training;

/** Watches a run. Methods are called on the training thread, in order. */
public interface TrainingListener {

    /**
     * A place in a run.
     *
     * @param epoch the number of the epoch, from 0
     * @param epochs how many there will be at most
     * @param batch the number of the batch just done, from 0
     * @param batches batches per epoch
     * @param samples samples of this epoch so far
     * @param samplesPerEpoch samples of the whole epoch
     * @param loss the mean loss of this epoch so far
     * @param accuracy the accuracy of this epoch so far; NaN where targets are no classes
     * @param samplesPerSecond speed since the epoch, or the resumed rest of it, began
     */
    record Progress(
            int epoch,
            int epochs,
            int batch,
            int batches,
            long samples,
            long samplesPerEpoch,
            double loss,
            double accuracy,
            double samplesPerSecond) {}

    /** A batch is done and the parameters are updated, unless gradients are still accumulating. */
    default void batchEnded(Progress progress) {}

    /** An epoch and its validation are done. */
    default void epochEnded(EpochResult result) {}

    /** The run is over; {@code failure} is null where it ended as planned. */
    default void trainingEnded(History history, Throwable failure) {}
}
