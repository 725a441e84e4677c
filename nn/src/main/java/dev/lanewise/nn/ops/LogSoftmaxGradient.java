package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * dx = dy − eʸ · Σ dy along the last axis, from the output y of {@link LogSoftmax}. With the
 * gradient g of dx, the gradient of dy is g − Σ g·eʸ, that of y is −g · eʸ · Σ dy.
 */
public record LogSoftmaxGradient() implements Operation {

    @Override
    public String name() {
        return "logSoftmax gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Checks.same(name(), inputs.get(0), inputs.get(1));
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        KernelCalls.hold(
                name(),
                inputs,
                outputs,
                () -> run(inputs[0].contiguous(), inputs[1].contiguous(), outputs[0]));
    }

    private static void run(Tensor y, Tensor dy, Tensor dx) {
        long columns = y.size(-1);
        KernelCalls.KERNELS
                .softmax()
                .logSoftmaxRowsGradient(
                        y.segment(),
                        y.offset(),
                        dy.segment(),
                        dy.offset(),
                        columns == 0 ? 0 : y.elements() / columns,
                        columns,
                        dx.segment(),
                        dx.offset());
    }

    @Override
    public boolean savesInput(int input) {
        return true;
    }

    @Override
    public void gradient(Backward backward) {
        Variable y = backward.input(0);
        Variable dy = backward.input(1);
        Variable g = backward.outputGradient();
        Variable weighted = Functional.multiply(g, Functional.exp(y));
        if (backward.needs(1)) {
            backward.give(1, new Subtract(), g, Functional.sum(weighted, true, -1));
        }
        if (backward.needs(0)) {
            Variable total = Functional.sum(dy, true, -1);
            backward.give(0, Functional.negate(Functional.multiply(weighted, total)));
        }
    }
}
