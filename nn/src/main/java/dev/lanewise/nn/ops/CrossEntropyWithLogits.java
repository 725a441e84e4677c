package dev.lanewise.nn.ops;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.CrossEntropies;
import dev.lanewise.core.CrossEntropyOptions;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cross-entropy of logits x: [N, C] and labels t: int32 [N], as in PyTorch, without storing
 * log-probabilities: loss = Σ over n, c of k[n, c] · −ln p[n, c] / norm, p = softmax x.
 *
 * <p>With class weights w: [C] (ones where absent) and label smoothing ε, k[n, c] = (1 − ε) · w[c]
 * · [c = t[n]] + ε/C · w[c], and 0 for a row of the ignored class; norm is Σ over the other rows of
 * w[t[n]] for the mean and 1 for the sum. The mean over no weight at all is NaN, but 0 where there
 * are no rows.
 *
 * <p>Outputs: the loss, and [N] each row's largest logit and ln Σ e^(x − max). Gradients flow
 * through the loss only; they are {@link CrossEntropyWithLogitsGradient}.
 *
 * @param smoothing ε
 * @param ignored the class whose rows count nothing
 * @param mean whether the loss is the mean or the sum over the batch
 */
public record CrossEntropyWithLogits(float smoothing, int ignored, boolean mean)
        implements Operation {

    /** Checks the smoothing. */
    public CrossEntropyWithLogits {
        CrossEntropyOptions.standard().labelSmoothing(smoothing);
    }

    @Override
    public String name() {
        return "crossEntropy";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape x = inputs.get(0);
        Checks.rank(name(), "predictions", x, 2, "[N, C]");
        Shape labels = inputs.get(1);
        Checks.require(
                labels.equals(Shape.of(x.size(0))),
                "crossEntropy: needs one label per row: predictions " + x + ", labels " + labels);
        Checks.require(
                inputs.size() < 3 || inputs.get(2).equals(Shape.of(x.size(1))),
                "crossEntropy: needs one weight per class: predictions "
                        + x
                        + ", weights "
                        + inputs.get(inputs.size() - 1));
        return List.of(Shape.SCALAR, labels, labels);
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        checkLabels(inputs[1]);
        Tensor[] weights = Arrays.copyOfRange(inputs, 2, inputs.length);
        double sum = 0;
        try (Scope scratch = Scope.open()) {
            Tensor losses = scratch.empty(inputs[1].shape());
            CrossEntropies.crossEntropy(
                    inputs[0],
                    inputs[1],
                    options(weights),
                    new CrossEntropies.RowLosses(losses, outputs[1], outputs[2]));
            for (float loss : losses.toArray()) {
                sum += loss;
            }
        }
        boolean empty = inputs[1].elements() == 0;
        outputs[0].fill((float) (mean && !empty ? sum / norm(inputs[1], weights) : sum));
    }

    private static void checkLabels(Tensor labels) {
        if (labels.type() != ElementType.INT32) {
            throw new ArgumentException(
                    "crossEntropy: labels must be int32 class numbers, got "
                            + labels.type()
                            + " "
                            + labels.shape());
        }
    }

    /** The attributes with the class weights, if there are any. */
    CrossEntropyOptions options(Tensor... weights) {
        CrossEntropyOptions plain =
                CrossEntropyOptions.standard().labelSmoothing(smoothing).ignoredClass(ignored);
        return weights.length == 0 ? plain : plain.weights(weights[0]);
    }

    /** What the sum over rows is divided by. */
    double norm(Tensor labels, Tensor... weights) {
        return mean ? sum(ofLabels(labels, weights)) : 1;
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    /** Each row's w[t], 0 where ignored. */
    private float[] ofLabels(Tensor labels, Tensor... weights) {
        int[] t = labels.toIntArray();
        float[] perClass = weights.length == 0 ? null : weights[0].toArray();
        float[] values = new float[t.length];
        for (int n = 0; n < t.length; n++) {
            values[n] = t[n] == ignored ? 0 : perClass == null ? 1 : perClass[t[n]];
        }
        return values;
    }

    /** Each row's Σ over c of k[n, c] / norm: [N, 1]. */
    Tensor rowTotals(long classes, Tensor labels, Tensor... weights) {
        float[] totals = ofLabels(labels, weights);
        double norm = norm(labels, weights);
        double all = weights.length == 0 ? classes : sum(weights[0].toArray());
        int[] t = labels.toIntArray();
        for (int n = 0; n < t.length; n++) {
            double own = (1 - smoothing) * totals[n] + smoothing / classes * all;
            totals[n] = t[n] == ignored ? 0 : (float) (own / norm);
        }
        return Scope.current().of(totals, Shape.of(t.length, 1));
    }

    @Override
    public boolean savesInput(int input) {
        return true;
    }

    @Override
    public boolean savesOutput(int output) {
        return output > 0;
    }

    @Override
    public void gradient(Backward backward) {
        if (!backward.needs(0) || !backward.hasOutputGradient(0)) {
            return;
        }
        List<Variable> operands = new ArrayList<>();
        operands.add(backward.input(0));
        operands.add(backward.outputGradient(0));
        operands.add(backward.output(1).detach());
        operands.add(backward.output(2).detach());
        for (int i = 1; i < backward.inputs(); i++) {
            operands.add(backward.input(i));
        }
        backward.give(
                0, new CrossEntropyWithLogitsGradient(this), operands.toArray(Variable[]::new));
    }
}
