package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Normalizations;
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
        Tensor x = inputs[0];
        Tensor mean = outputs[1];
        Tensor variance = outputs[2];
        Tensor invStd = outputs[3];
        Normalizations.channelStatistics(x, mean, variance);
        Elementwise.add(variance, epsilon, invStd);
        Transcendentals.rsqrt(invStd, invStd);
        try (Scope _ = Scope.open()) {
            Tensor scale = Elementwise.multiply(inputs[1], invStd);
            Tensor shift = Elementwise.subtract(inputs[2], Elementwise.multiply(mean, scale));
            Normalizations.channelAffine(x, scale, shift, outputs[0]);
        }
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
