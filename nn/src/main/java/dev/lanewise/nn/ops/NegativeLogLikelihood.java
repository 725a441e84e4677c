package dev.lanewise.nn.ops;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Reductions;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * The negative log-likelihood of labels under log-probabilities p: [N, C]: a linear function of p,
 * loss = Σ over n, c of k[n, c] · p[n, c].
 *
 * <p>With labels t: int32 [N], class weights w: [C] (ones where absent) and label smoothing ε, k[n,
 * c] = −((1 − ε) · w[c] · [c = t[n]] + ε/C · w[c]) / norm, where norm is Σ over n of w[t[n]] for
 * the mean and 1 for the sum, as in PyTorch. dp = k · dloss.
 *
 * @param smoothing ε
 * @param mean whether the loss is the mean or the sum over the batch
 */
public record NegativeLogLikelihood(float smoothing, boolean mean) implements Operation {

    /** Checks the smoothing. */
    public NegativeLogLikelihood {
        if (!(smoothing >= 0 && smoothing <= 1)) {
            throw new ArgumentException(
                    "crossEntropy: label smoothing must be from 0 to 1, got " + smoothing);
        }
    }

    @Override
    public String name() {
        return "crossEntropy";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape p = inputs.get(0);
        Checks.rank(name(), "predictions", p, 2, "[N, C]");
        Shape labels = inputs.get(1);
        Checks.require(
                labels.equals(Shape.of(p.size(0))),
                "crossEntropy: needs one label per row: predictions " + p + ", labels " + labels);
        Checks.require(
                inputs.size() < 3 || inputs.get(2).equals(Shape.of(p.size(1))),
                "crossEntropy: needs one weight per class: predictions "
                        + p
                        + ", weights "
                        + inputs.get(inputs.size() - 1));
        return List.of(Shape.SCALAR);
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Coefficients k = coefficients(inputs, (int) inputs[0].size(1));
        double sum = 0;
        try (Scope scratch = Scope.open()) {
            Tensor p = inputs[0].contiguous();
            p.acquire(name());
            try {
                MemorySegment values = p.segment();
                for (int n = 0; n < k.labels.length; n++) {
                    long at = p.offset() + n * p.size(1) + k.labels[n];
                    sum += k.ofLabel(n) * values.getAtIndex(ValueLayout.JAVA_FLOAT, at);
                }
            } finally {
                p.release();
            }
            if (smoothing > 0 && k.labels.length > 0) {
                Tensor all = Reductions.sum(p, 0, false);
                sum += Reductions.dot(all, k.ofClasses(scratch)).item();
            }
        }
        outputs[0].fill((float) sum);
    }

    /** k · scale, [N, C]. */
    void scaledCoefficients(Tensor[] inputs, float scale, Tensor out) {
        Coefficients k = coefficients(inputs, (int) out.size(1));
        if (smoothing > 0) {
            try (Scope scratch = Scope.open()) {
                out.copyFrom(Elementwise.multiply(k.ofClasses(scratch), scale));
            }
        } else {
            out.fill(0);
        }
        out.acquire(name());
        try {
            MemorySegment values = out.segment();
            for (int n = 0; n < k.labels.length; n++) {
                long at = out.offset() + n * out.size(1) + k.labels[n];
                float shared = values.getAtIndex(ValueLayout.JAVA_FLOAT, at);
                float own = (float) (k.ofLabel(n) * scale);
                values.setAtIndex(ValueLayout.JAVA_FLOAT, at, shared + own);
            }
        } finally {
            out.release();
        }
    }

    /** k in parts: what each row has at its label, and what all rows have in common. */
    private final class Coefficients {
        final int[] labels;
        private final float[] weights;
        private final double norm;

        Coefficients(int[] labels, float[] weights, double norm) {
            this.labels = labels;
            this.weights = weights;
            this.norm = norm;
        }

        double ofLabel(int row) {
            return -(1 - smoothing) * weights[labels[row]] / norm;
        }

        Tensor ofClasses(Scope scope) {
            float[] values = new float[weights.length];
            for (int c = 0; c < values.length; c++) {
                values[c] = (float) (-smoothing / values.length * weights[c] / norm);
            }
            return scope.of(values);
        }
    }

    private Coefficients coefficients(Tensor[] inputs, int classes) {
        Tensor labels = inputs[1];
        if (labels.type() != ElementType.INT32) {
            throw new ArgumentException(
                    "crossEntropy: labels must be int32 class numbers, got "
                            + labels.type()
                            + " "
                            + labels.shape());
        }
        int[] t = labels.toIntArray();
        float[] weights = inputs.length > 2 ? inputs[2].toArray() : ones(classes);
        double norm = mean ? 0 : 1;
        for (int n = 0; n < t.length; n++) {
            if (t[n] < 0 || t[n] >= classes) {
                throw new ArgumentException(
                        "crossEntropy: label %d at %d is not a class from 0 to %d"
                                .formatted(t[n], n, classes - 1));
            }
            norm += mean ? weights[t[n]] : 0;
        }
        return new Coefficients(t, weights, norm);
    }

    private static float[] ones(int n) {
        float[] ones = new float[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    @Override
    public boolean savesInput(int input) {
        return input > 0;
    }

    @Override
    public void gradient(Backward backward) {
        if (backward.needs(0)) {
            Variable[] operands = new Variable[backward.inputs()];
            operands[0] = backward.outputGradient();
            for (int i = 1; i < operands.length; i++) {
                operands[i] = backward.input(i);
            }
            long classes = backward.inputShape(0).size(1);
            backward.give(0, new NegativeLogLikelihoodGradient(this, classes), operands);
        }
    }
}
