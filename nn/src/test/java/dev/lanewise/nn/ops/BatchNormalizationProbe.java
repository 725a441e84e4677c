package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * The three outputs of {@link BatchNormalizationGradient} of x, dy: [4, 2], scale: [2] in one
 * vector, so that a check of one output sees them all. It applies operations on variables and is
 * never recorded itself.
 */
record BatchNormalizationProbe() implements Operation {

    @Override
    public String name() {
        return "batchNorm gradients";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(Shape.of(12));
    }

    @Override
    public Variable[] applyAll(Variable... in) {
        float epsilon = 0.01f;
        Variable[] forward =
                new BatchNormalization(epsilon)
                        .applyAll(
                                in[0].detach(),
                                in[2].detach(),
                                Variable.of(dev.lanewise.core.Scope.current().zeros(Shape.of(2))));
        Variable[] gradients =
                new BatchNormalizationGradient(epsilon)
                        .applyAll(in[0], in[1], in[2], forward[1], forward[3]);
        Variable dx = Functional.reshape(gradients[0], Shape.of(8));
        return new Variable[] {Functional.concat(0, dx, gradients[1], gradients[2])};
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        throw new AssertionError("a probe is applied, not run");
    }

    @Override
    public void gradient(Backward backward) {
        throw new AssertionError("a probe is not recorded");
    }
}
