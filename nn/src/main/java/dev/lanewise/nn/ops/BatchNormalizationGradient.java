package dev.lanewise.nn.ops;

import dev.lanewise.core.Normalizations;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;

import java.util.Arrays;
import java.util.List;

/**
 * The gradients of {@link BatchNormalization} from x, dy, scale γ, and the statistics μ and s: dx =
 * γ · s · P dy, dscale = Σ dy · x̂, dshift = Σ dy, with P v = v − mean(v) − x̂ · mean(v · x̂),
 * means and sums per channel.
 *
 * <p>Its own gradients are {@link NormalizationJacobian}'s; μ and s count as functions of x.
 *
 * @param epsilon what keeps the root from 0
 */
public record BatchNormalizationGradient(float epsilon) implements Operation {

    @Override
    public String name() {
        return "batchNorm gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape x = inputs.get(0);
        Checks.same(name(), x, inputs.get(1));
        Channels.check(name(), x, inputs.subList(2, 5));
        Shape channels = Shape.of(x.size(1));
        return List.of(x, channels, channels);
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Tensor x = inputs[0];
        Tensor dy = inputs[1];
        Tensor scale = inputs[2];
        Tensor mean = inputs[3];
        Tensor invStd = inputs[4];
        Tensor dScale = outputs[1];
        Tensor dShift = outputs[2];
        Normalizations.channelGradientSums(x, dy, mean, invStd, dShift, dScale);
        Normalizations.channelInputGradient(x, dy, mean, invStd, scale, dShift, dScale, outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return input < 3;
    }

    @Override
    public void gradient(Backward backward) {
        Shape x = backward.inputShape(0);
        int[] axes = Channels.axes(x).stream().mapToInt(axis -> axis).toArray();
        long[] perChannel = new long[x.rank() - 1];
        Arrays.fill(perChannel, 1);
        perChannel[0] = x.size(1);
        new NormalizationJacobian(backward, epsilon, true, x, Shape.of(perChannel), axes).give();
    }
}
