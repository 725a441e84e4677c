package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Variable;

/**
 * The gradients of a normalization's gradients, for batch, layer, group and RMS norm alike.
 *
 * <p>All of them are y = x̂ · γ + β, x̂ = (x − μ) · s, s = 1/√(σ² + epsilon), with mean and
 * variance over some axes, and γ, β along others; RMS norm takes μ = 0 and has no β. Their
 * gradients are dx = s · P(γ · dy), dγ = Σ dy · x̂, dβ = Σ dy, with the symmetric P v = v − mean(v)
 * − x̂ · mean(v · x̂) (without mean(v) where μ = 0).
 *
 * <p>With the gradients G, Gγ, Gβ of dx, dγ, dβ, h = γ · dy and Q = mean(G · h) − mean(G) · mean(h)
 * − mean(G · x̂) · mean(h · x̂), this gives for dy: γ · s · P G + Gγ · x̂ + Gβ; for γ: Σ dy · s · P
 * G; for x: s · P(Gγ · dy) − s² · (x̂ · Q + mean(h · x̂) · P G + mean(G · x̂) · P h). μ and s count
 * as functions of x.
 */
final class NormalizationJacobian {
    private final Backward backward;
    private final Shape view;
    private final Shape parameters;
    private final boolean centred;
    private final int[] axes;
    private final Variable s;
    private final Variable xHat;

    /**
     * For a gradient operation of x, dy, γ with the results dx, dγ, and dβ if centred.
     *
     * @param view the shape under which x is seen
     * @param parameters the shape of γ and β that broadcasts with it
     * @param axes the axes of means
     */
    NormalizationJacobian(
            Backward backward,
            float epsilon,
            boolean centred,
            Shape view,
            Shape parameters,
            int... axes) {
        this.backward = backward;
        this.view = view;
        this.parameters = parameters;
        this.centred = centred;
        this.axes = axes;
        // Recomputed from x, so that a third derivative sees that they depend on it.
        Variable x = Functional.reshape(backward.input(0), view);
        Variable difference = centred ? Functional.subtract(x, mean(x)) : x;
        Variable variance = mean(Functional.square(difference));
        s = new Rsqrt().apply(Functional.add(variance, epsilon));
        xHat = Functional.multiply(difference, s);
    }

    private Variable mean(Variable v) {
        return Functional.mean(v, true, axes);
    }

    private Variable along(Variable v) {
        return mean(Functional.multiply(v, xHat));
    }

    private Variable project(Variable v) {
        Variable rest = centred ? Functional.subtract(v, mean(v)) : v;
        return Functional.subtract(rest, Functional.multiply(xHat, along(v)));
    }

    private Variable perParameter(int output) {
        return Functional.reshape(backward.outputGradient(output), parameters);
    }

    /** Gives the gradients of x, dy and γ. */
    void give() {
        Variable dy = Functional.reshape(backward.input(1), view);
        Variable scale = Functional.reshape(backward.input(2), parameters);
        Variable g = Functional.reshape(backward.outputGradient(0), view);
        Variable gScale = perParameter(1);
        Variable gProjected = project(g);
        Variable gained = Functional.multiply(s, gProjected);
        if (backward.needs(1)) {
            Variable sum =
                    Functional.add(
                            Functional.multiply(scale, gained), Functional.multiply(gScale, xHat));
            give(1, centred ? Functional.add(sum, perParameter(2)) : sum);
        }
        if (backward.needs(2)) {
            give(2, SumTo.sum(Functional.multiply(dy, gained), parameters));
        }
        if (backward.needs(0)) {
            Variable direct = Functional.multiply(s, project(Functional.multiply(gScale, dy)));
            Variable bent =
                    Functional.multiply(Functional.square(s), bend(g, gProjected, dy, scale));
            give(0, Functional.subtract(direct, bent));
        }
    }

    /** x̂ · Q + mean(h · x̂) · P G + mean(G · x̂) · P h. */
    private Variable bend(Variable g, Variable gProjected, Variable dy, Variable scale) {
        Variable h = Functional.multiply(scale, dy);
        Variable gx = along(g);
        Variable hx = along(h);
        Variable q =
                Functional.subtract(mean(Functional.multiply(g, h)), Functional.multiply(gx, hx));
        if (centred) {
            q = Functional.subtract(q, Functional.multiply(mean(g), mean(h)));
        }
        return Functional.add(
                Functional.multiply(xHat, q),
                Functional.add(
                        Functional.multiply(hx, gProjected), Functional.multiply(gx, project(h))));
    }

    private void give(int input, Variable gradient) {
        backward.give(input, Functional.reshape(gradient, backward.inputShape(input)));
    }
}
