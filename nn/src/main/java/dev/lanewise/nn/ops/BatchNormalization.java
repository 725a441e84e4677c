package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * Batch normalization with the batch's own statistics (Ioffe and Szegedy 2015): y = x̂ · scale +
 * shift, x̂ = (x − μ) · s, s = 1/√(σ² + epsilon), μ and σ² the mean and biased variance per channel
 * of x: [N, C, ...].
 *
 * <p>Outputs: y, and [C] each μ, σ², s. Gradients flow through y only; they are {@link
 * BatchNormalizationGradient}.
 *
 * @param epsilon what keeps the root from 0
 */
public record BatchNormalization(float epsilon) implements Operation {

    @Override
    public String name() {
        return "batchNorm";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape x = inputs.get(0);
        Channels.check(name(), x, inputs.subList(1, 3));
        Shape channels = Shape.of(x.size(1));
        return List.of(x, channels, channels, channels);
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        KernelCalls.hold(
                name(), inputs, outputs, () -> run(inputs[0].contiguous(), inputs, outputs));
    }

    private void run(Tensor x, Tensor[] inputs, Tensor[] outputs) {
        Tensor mean = outputs[1];
        Tensor variance = outputs[2];
        Tensor invStd = outputs[3];
        long spatial = Channels.spatial(x.shape());
        KernelCalls.KERNELS
                .normalization()
                .channelStatistics(
                        x.segment(),
                        x.offset(),
                        x.size(0),
                        x.size(1),
                        spatial,
                        mean.segment(),
                        mean.offset(),
                        variance.segment(),
                        variance.offset());
        Elementwise.add(variance, epsilon, invStd);
        Transcendentals.rsqrt(invStd, invStd);
        Scope scratch = Scope.current();
        Tensor scale = Elementwise.multiply(inputs[1], invStd, scratch.empty(mean.shape()));
        Tensor shift = Elementwise.multiply(mean, scale, scratch.empty(mean.shape()));
        Elementwise.subtract(inputs[2], shift, shift);
        KernelCalls.KERNELS
                .normalization()
                .channelAffine(
                        x.segment(),
                        x.offset(),
                        scale.segment(),
                        scale.offset(),
                        shift.segment(),
                        shift.offset(),
                        x.size(0),
                        x.size(1),
                        spatial,
                        outputs[0].segment(),
                        outputs[0].offset());
    }

    @Override
    public boolean savesInput(int input) {
        return input < 2;
    }

    @Override
    public boolean savesOutput(int output) {
        return output == 1 || output == 3;
    }

    @Override
    public void gradient(Backward backward) {
        if (!backward.hasOutputGradient(0)) {
            return;
        }
        Variable[] gradients =
                new BatchNormalizationGradient(epsilon)
                        .applyAll(
                                backward.input(0),
                                backward.outputGradient(0),
                                backward.input(1),
                                backward.output(1).detach(),
                                backward.output(3).detach());
        for (int i = 0; i < 3; i++) {
            backward.give(i, gradients[i]);
        }
    }
}
