package dev.lanewise.nn.ops;

import dev.lanewise.core.CrossEntropies;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.Arrays;
import java.util.List;

/**
 * The gradient of {@link CrossEntropyWithLogits} for x from x, the scalar dloss, each row's largest
 * logit and ln Σ e^(x − max), the labels and the weights: dx = dloss · (a · p − k) / norm, a[n] = Σ
 * over c of k[n, c].
 *
 * <p>With the gradient G of dx, the gradient of dloss is Σ G · dx/dloss, that of x is dloss ·
 * a/norm · p · (G − Σ over c of G · p). The logarithms count as functions of x.
 *
 * @param crossEntropy the operation whose gradient this is
 */
public record CrossEntropyWithLogitsGradient(CrossEntropyWithLogits crossEntropy)
        implements Operation {
    private static final int LABELS = 4;

    @Override
    public String name() {
        return "crossEntropy gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Tensor labels = inputs[LABELS];
        Tensor[] weights = Arrays.copyOfRange(inputs, LABELS + 1, inputs.length);
        float perRow = (float) (inputs[1].item() / crossEntropy.norm(labels, weights));
        try (Scope scratch = Scope.open()) {
            CrossEntropies.crossEntropyGradient(
                    inputs[0],
                    labels,
                    crossEntropy.options(weights),
                    inputs[2],
                    inputs[3],
                    scratch.full(labels.shape(), perRow),
                    outputs[0]);
        }
    }

    @Override
    public boolean savesInput(int input) {
        return true;
    }

    @Override
    public void gradient(Backward backward) {
        Variable[] inputs = new Variable[backward.inputs()];
        Arrays.setAll(inputs, backward::input);
        Variable g = backward.outputGradient();
        if (backward.needs(0)) {
            Tensor[] weights = new Tensor[inputs.length - LABELS - 1];
            Arrays.setAll(weights, i -> inputs[LABELS + 1 + i].value());
            long classes = inputs[0].shape().size(1);
            Tensor totals = crossEntropy.rowTotals(classes, inputs[LABELS].value(), weights);
            Variable p = Functional.softmax(inputs[0], 1);
            Variable bent = new SoftmaxGradient(1).apply(p, g);
            Variable factor = Functional.multiply(Variable.of(totals), inputs[1]);
            backward.give(0, Functional.multiply(bent, factor));
        }
        if (backward.needs(1)) {
            Variable[] unit = inputs.clone();
            unit[1] = Variable.of(Scope.current().ones(Shape.SCALAR));
            Variable direction = apply(unit);
            Variable sum = Functional.sum(Functional.multiply(g, direction));
            backward.give(1, Functional.reshape(sum, backward.inputShape(1)));
        }
    }
}
