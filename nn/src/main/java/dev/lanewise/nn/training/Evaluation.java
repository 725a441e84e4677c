package dev.lanewise.nn.training;

import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.data.Batches;
import dev.lanewise.nn.losses.Loss;
import dev.lanewise.nn.metrics.Predictions;

/**
 * How good a model is on given samples.
 *
 * @param loss the mean loss per sample; NaN without samples
 * @param accuracy the share of right classes; NaN where targets are no classes
 * @param samples how many were looked at
 */
public record Evaluation(double loss, double accuracy, long samples) {
    /** Of no samples. */
    public static final Evaluation NONE = new Evaluation(Double.NaN, Double.NaN, 0);

    /** Sums up batches. */
    static final class Sum {
        double loss;
        double right;
        long samples;

        void add(double batchLoss, Tensor output, Tensor targets) {
            long size = targets.size(0);
            loss += batchLoss * size;
            right +=
                    isClassification(output, targets)
                            ? Predictions.accuracy(output, targets) * size
                            : Double.NaN;
            samples += size;
        }

        Evaluation mean() {
            return samples == 0 ? NONE : new Evaluation(loss / samples, right / samples, samples);
        }

        private static boolean isClassification(Tensor output, Tensor targets) {
            return targets.type() == ElementType.INT32 && targets.rank() == 1 && output.rank() == 2;
        }
    }

    /** The mean over all batches of one pass in inference mode; nothing is recorded. */
    public static Evaluation of(Layer model, Loss loss, Batches batches) {
        Sum sum = new Sum();
        batches.forEach(
                0,
                batch -> {
                    try (Scope _ = Scope.open()) {
                        Tape.withoutRecording(
                                () -> {
                                    Variable output = model.forward(Variable.of(batch.inputs()));
                                    sum.add(
                                            loss.of(output, batch.targets()).item(),
                                            output.value(),
                                            batch.targets());
                                    return output;
                                });
                    }
                });
        return sum.mean();
    }
}
