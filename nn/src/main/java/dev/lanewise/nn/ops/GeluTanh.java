package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/**
 * y = x/2 · (1 + tanh u), u = c · (x + a·x³), c = √(2/π), a = 0.044715; with h = tanh u and u' = c
 * · (1 + 3a·x²), f' = (1 + h)/2 + x/2 · (1 − h²) · u' and f'' = (1 − h²) · (u' + x/2 · (6ac·x −
 * 2h·u'²)).
 */
public record GeluTanh() implements Pointwise {

    private static final float A = 0.044715f;
    private static final float C = 0.7978845608028654f;

    @Override
    public String name() {
        return "geluTanh";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Activations.geluTanh(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Activations.geluTanhGradient(x, dy, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        Variable square = Functional.square(x);
        Variable u = Functional.multiply(x, Functional.add(Functional.multiply(square, A * C), C));
        Variable du = Functional.add(Functional.multiply(square, 3 * A * C), C);
        Variable h = Functional.tanh(u);
        Variable inner =
                Functional.subtract(
                        Functional.multiply(x, 6 * A * C),
                        Functional.multiply(Functional.multiply(h, 2), Functional.square(du)));
        Variable sum = Functional.add(du, Functional.multiply(Functional.multiply(x, 0.5f), inner));
        // (1 - h²) · t is the gradient kernel of tanh.
        Variable outer = new PointwiseGradient(new Tanh()).apply(h, t);
        return Optional.of(Functional.multiply(outer, sum));
    }
}
