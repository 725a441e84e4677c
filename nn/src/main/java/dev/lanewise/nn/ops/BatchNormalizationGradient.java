package dev.lanewise.nn.ops;

import dev.lanewise.core.Normalizations;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * The gradients of {@link BatchNormalization} from x, dy, scale γ, and the statistics μ and s: dx =
 * γ · s · P dy, dscale = Σ dy · x̂, dshift = Σ dy, with P v = v − mean(v) − x̂ · mean(v · x̂),
 * means and sums per channel.
 *
 * <p>Its own gradients, with G, Gs, Gb those of dx, dscale, dshift and Q = mean(G · dy) − mean(G) ·
 * mean(dy) − mean(G · x̂) · mean(dy · x̂): for dy: γ · s · P G + Gs · x̂ + Gb; for γ: s · count ·
 * Q; for x: s · Gs · P dy − γ · s² · (x̂ · Q + mean(dy · x̂) · P G + mean(G · x̂) · P dy). μ and s
 * count as functions of x.
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
        new Second(backward).give();
    }

    /** The formula of the class comment, in its letters. */
    private final class Second {
        private final Backward backward;
        private final Shape shape;
        private final float count;
        private final Variable s;
        private final Variable xHat;

        Second(Backward backward) {
            this.backward = backward;
            Variable x = backward.input(0);
            shape = x.shape();
            count = (float) (shape.elements() / shape.size(1));
            // Recomputed from x, so that a third derivative sees that they depend on it.
            Variable centred = Functional.subtract(x, wide(mean(x)));
            Variable variance = mean(Functional.square(centred));
            s = new Rsqrt().apply(Functional.add(variance, epsilon));
            xHat = Functional.multiply(centred, wide(s));
        }

        private Variable mean(Variable v) {
            return Functional.multiply(Channels.sum(v), 1 / count);
        }

        private Variable wide(Variable perChannel) {
            return Channels.broadcastable(perChannel, shape);
        }

        private Variable project(Variable v) {
            Variable along = Functional.multiply(xHat, wide(mean(Functional.multiply(v, xHat))));
            return Functional.subtract(Functional.subtract(v, wide(mean(v))), along);
        }

        void give() {
            Variable dy = backward.input(1);
            Variable scale = backward.input(2);
            Variable g = backward.outputGradient(0);
            Variable gScale = backward.outputGradient(1);
            Variable gShift = backward.outputGradient(2);
            Variable gProjected = project(g);
            Variable gain = Functional.multiply(scale, s);
            if (backward.needs(1)) {
                Variable first = Functional.multiply(wide(gain), gProjected);
                Variable second = Functional.multiply(wide(gScale), xHat);
                Variable sum = Functional.add(first, second);
                backward.give(1, Functional.add(sum, wide(gShift)));
            }
            Variable gx = mean(Functional.multiply(g, xHat));
            Variable dyx = mean(Functional.multiply(dy, xHat));
            Variable q =
                    Functional.subtract(
                            Functional.subtract(
                                    mean(Functional.multiply(g, dy)),
                                    Functional.multiply(mean(g), mean(dy))),
                            Functional.multiply(gx, dyx));
            if (backward.needs(2)) {
                backward.give(2, Functional.multiply(Functional.multiply(s, q), count));
            }
            if (backward.needs(0)) {
                Variable dyProjected = project(dy);
                Variable bracket =
                        Functional.add(
                                Functional.multiply(xHat, wide(q)),
                                Functional.add(
                                        Functional.multiply(wide(dyx), gProjected),
                                        Functional.multiply(wide(gx), dyProjected)));
                Variable direct =
                        Functional.multiply(wide(Functional.multiply(s, gScale)), dyProjected);
                Variable gain2 = wide(Functional.multiply(gain, s));
                backward.give(0, Functional.subtract(direct, Functional.multiply(gain2, bracket)));
            }
        }
    }
}
