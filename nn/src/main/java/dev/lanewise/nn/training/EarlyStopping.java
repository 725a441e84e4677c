package dev.lanewise.nn.training;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Tensor;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Ends a run when the validation loss has not improved for some epochs, and keeps a copy of the
 * best weights and buffers (Prechelt 1998, "Early stopping - but when?").
 */
final class EarlyStopping implements AutoCloseable {
    private final int patience;
    private final Scope copies = Scope.detached();
    private final Map<String, Tensor> best = new LinkedHashMap<>();
    private double bestLoss = Double.POSITIVE_INFINITY;
    private int epochsWithout;

    EarlyStopping(int patience) {
        this.patience = patience;
    }

    /** Takes note of an epoch; returns whether the run has to end. */
    boolean epochEnded(double validationLoss, Map<String, Tensor> state) {
        if (validationLoss < bestLoss) {
            bestLoss = validationLoss;
            epochsWithout = 0;
            remember(state);
            return false;
        }
        epochsWithout++;
        return epochsWithout >= patience;
    }

    private void remember(Map<String, Tensor> state) {
        state.forEach(
                (name, tensor) ->
                        best.computeIfAbsent(
                                        name, key -> copies.empty(tensor.shape(), tensor.type()))
                                .copyFrom(tensor));
    }

    /** The best weights and buffers; empty before the first epoch. */
    Map<String, Tensor> best() {
        return best;
    }

    double bestLoss() {
        return bestLoss;
    }

    int epochsWithout() {
        return epochsWithout;
    }

    /** Goes on from a saved state. */
    void resume(double savedLoss, int savedEpochsWithout, Map<String, Tensor> savedBest) {
        bestLoss = savedLoss;
        epochsWithout = savedEpochsWithout;
        remember(savedBest);
    }

    @Override
    public void close() {
        copies.close();
    }
}
