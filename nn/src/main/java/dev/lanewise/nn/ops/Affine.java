package dev.lanewise.nn.ops;

import dev.lanewise.core.MatMul;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * y = f(x · Wᵀ + b): x: [N, in], W: [out, in], b: [out] or absent, y: [N, out].
 *
 * <p>With dz = dy · f': dx = dz · W, dW = dzᵀ · x, db = Σ over N of dz.
 *
 * @param activation f, whose gradient must follow from y: none, ReLU, tanh or sigmoid
 */
public record Affine(FusedActivation activation) implements Operation {

    /** Checks the activation. */
    public Affine {
        Fused.check("linear", activation);
    }

    @Override
    public String name() {
        return "linear";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape x = inputs.get(0);
        Shape weight = inputs.get(1);
        Checks.rank(name(), "x", x, 2, "[N, in]");
        Checks.rank(name(), "weight", weight, 2, "[out, in]");
        Checks.require(
                x.size(1) == weight.size(1),
                "linear: features differ, %d and %d: x %s, weight %s"
                        .formatted(x.size(1), weight.size(1), x, weight));
        Checks.require(
                inputs.size() < 3 || inputs.get(2).equals(Shape.of(weight.size(0))),
                "linear: bias must be [out]: weight "
                        + weight
                        + ", bias "
                        + inputs.get(inputs.size() - 1));
        return List.of(Shape.of(x.size(0), weight.size(0)));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Tensor bias = inputs.length > 2 ? inputs[2] : null;
        MatMul.linear(inputs[0], inputs[1], bias, activation, outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return input < 2;
    }

    @Override
    public boolean savesOutput(int output) {
        return activation != FusedActivation.NONE;
    }

    @Override
    public void gradient(Backward backward) {
        Variable dz = backward.outputGradient();
        if (activation != FusedActivation.NONE) {
            dz = Fused.before(activation, backward.output(0), dz);
        }
        backward.give(0, new MatrixMultiply(false, false), dz, backward.input(1));
        backward.give(1, new MatrixMultiply(true, false), dz, backward.input(0));
        if (backward.inputs() > 2) {
            backward.give(2, new Sum(List.of(0)), dz);
        }
    }
}
