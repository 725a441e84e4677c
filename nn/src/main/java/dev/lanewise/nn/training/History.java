package dev.lanewise.nn.training;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The epochs of a run, in order; grows while the run goes on. */
public final class History {
    private final List<EpochResult> epochs = new ArrayList<>();
    private boolean stoppedEarly;

    History() {}

    void add(EpochResult epoch) {
        epochs.add(epoch);
    }

    void markStoppedEarly() {
        stoppedEarly = true;
    }

    /** All epochs so far. */
    public List<EpochResult> epochs() {
        return List.copyOf(epochs);
    }

    /** The last epoch; empty before the first has ended. */
    public Optional<EpochResult> last() {
        return epochs.isEmpty() ? Optional.empty() : Optional.of(epochs.getLast());
    }

    /** The epoch with the lowest validation loss; empty without validation. */
    public Optional<EpochResult> best() {
        return epochs.stream()
                .filter(epoch -> !Double.isNaN(epoch.validation().loss()))
                .min(Comparator.comparingDouble(epoch -> epoch.validation().loss()));
    }

    /** Whether early stopping ended the run. */
    public boolean stoppedEarly() {
        return stoppedEarly;
    }
}
