package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/** y = eˣ / Σ eˣ along the last axis. */
public record Softmax() implements Operation {

    @Override
    public String name() {
        return "softmax";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Checks.axis(name(), inputs.get(0), -1);
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        KernelCalls.hold(name(), inputs, outputs, () -> run(inputs[0].contiguous(), outputs[0]));
    }

    private static void run(Tensor x, Tensor out) {
        long columns = x.size(-1);
        KernelCalls.KERNELS
                .softmax()
                .softmaxRows(
                        x.segment(),
                        x.offset(),
                        columns == 0 ? 0 : x.elements() / columns,
                        columns,
                        out.segment(),
                        out.offset());
    }

    @Override
    public boolean savesOutput(int output) {
        return true;
    }

    @Override
    public void gradient(Backward backward) {
        Variable y = backward.output(0);
        backward.give(0, new SoftmaxGradient(), y, backward.outputGradient());
    }
}
