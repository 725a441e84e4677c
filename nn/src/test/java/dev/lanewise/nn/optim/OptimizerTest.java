package dev.lanewise.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Scope;
import dev.lanewise.core.ScopeException;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.Module;
import dev.lanewise.nn.autograd.Parameter;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.Map;

/** Optimizers against trajectories of PyTorch's formulas in double. */
class OptimizerTest extends TensorTest {

    private static final float[] A = {1, -2, 0.5f};
    private static final float[] B = {3, 0.25f, -1, 2, 5};

    /** Two parameters, a: [3] and b: [5]. */
    private final class Pair extends Module {
        final Parameter a = param("a", scope.of(A));
        final Parameter b = param("b", scope.of(B));
    }

    /** loss = Σ a²/2 + Σ b²·a₀²/2: gradients that change from step to step. */
    private void backward(Pair model, Optimizer optimizer) {
        try (Scope _ = Scope.open();
                Tape tape = Tape.start()) {
            tape.gradients(loss(model), optimizer.gradients());
        }
    }

    private static Variable loss(Pair model) {
        Variable squares = Functional.sum(Functional.square(model.a));
        Variable first = Functional.slice(model.a, 0, 0, 1);
        Variable product = Functional.multiply(model.b, first);
        Variable all = Functional.add(squares, Functional.sum(Functional.square(product)));
        return Functional.multiply(all, 0.5f);
    }

    private static double[] gradient(double[] w) {
        double[] g = new double[8];
        for (int i = 0; i < 3; i++) {
            g[i] = w[i];
        }
        for (int i = 3; i < 8; i++) {
            g[0] += w[i] * w[i] * w[0];
            g[i] = w[i] * w[0] * w[0];
        }
        return g;
    }

    private interface Step {
        /** Updates w with gradient g at step t from 1, with two arrays of state. */
        void apply(double[] w, double[] g, double[] m, double[] v, int t);
    }

    private void follows(UpdateRule rule, Step reference) {
        Pair model = new Pair();
        Optimizer optimizer = rule.over(model);
        double[] w = {1, -2, 0.5, 3, 0.25, -1, 2, 5};
        double[] m = new double[8];
        double[] v = new double[8];
        for (int t = 1; t <= 20; t++) {
            backward(model, optimizer);
            optimizer.step();
            reference.apply(w, gradient(w), m, v, t);
            float[] a = model.a.value().toArray();
            float[] b = model.b.value().toArray();
            for (int i = 0; i < 8; i++) {
                double found = i < 3 ? a[i] : b[i - 3];
                assertThat(found)
                        .as("%s, step %d, parameter %d", rule.getClass().getSimpleName(), t, i)
                        .isCloseTo(w[i], within(2e-5 * (1 + Math.abs(w[i]))));
            }
        }
    }

    @Test
    void sgd() {
        follows(
                Sgd.of(0.01f),
                (w, g, m, v, t) -> {
                    for (int i = 0; i < 8; i++) {
                        w[i] -= 0.01f * g[i];
                    }
                });
        follows(
                Sgd.of(0.01f).momentum(0.9f).weightDecay(0.1f),
                (w, g, m, v, t) -> {
                    for (int i = 0; i < 8; i++) {
                        double d = g[i] + 0.1f * w[i];
                        m[i] = 0.9f * m[i] + d;
                        w[i] -= 0.01f * m[i];
                    }
                });
        follows(
                Sgd.of(0.01f).momentum(0.9f).nesterov(),
                (w, g, m, v, t) -> {
                    for (int i = 0; i < 8; i++) {
                        m[i] = 0.9f * m[i] + g[i];
                        w[i] -= 0.01f * (g[i] + 0.9f * m[i]);
                    }
                });
        follows(
                Sgd.of(0.01f).momentum(0.9f).dampening(0.5f),
                (w, g, m, v, t) -> {
                    for (int i = 0; i < 8; i++) {
                        // PyTorch: the first buffer is the whole gradient.
                        m[i] = 0.9f * m[i] + (t == 1 ? 1 : 0.5) * g[i];
                        w[i] -= 0.01f * m[i];
                    }
                });
    }

    private static Step adam(double lr, double decay, boolean decoupled) {
        double b1 = 0.9f;
        double b2 = 0.999f;
        return (w, g, m, v, t) -> {
            for (int i = 0; i < 8; i++) {
                double d = g[i];
                if (decoupled) {
                    w[i] *= 1 - lr * decay;
                } else {
                    d += decay * w[i];
                }
                m[i] = b1 * m[i] + (1 - b1) * d;
                v[i] = b2 * v[i] + (1 - b2) * d * d;
                double mHat = m[i] / (1 - Math.pow(b1, t));
                double vHat = v[i] / (1 - Math.pow(b2, t));
                w[i] -= lr * mHat / (Math.sqrt(vHat) + 1e-8f);
            }
        };
    }

    @Test
    void adamAndAdamW() {
        follows(Adam.of(0.05f), adam(0.05f, 0, false));
        follows(Adam.of(0.05f).weightDecay(0.1f), adam(0.05f, 0.1f, false));
        follows(AdamW.of(0.05f), adam(0.05f, 0.01f, true));
        follows(AdamW.of(0.05f).weightDecay(0.2f), adam(0.05f, 0.2f, true));
    }

    @Test
    void amsGradKeepsTheLargestSquare() {
        double[] largest = new double[8];
        double b2 = 0.5f;
        follows(
                Adam.of(0.05f).betas(0.9f, 0.5f).amsGrad(),
                (w, g, m, v, t) -> {
                    for (int i = 0; i < 8; i++) {
                        m[i] = 0.9f * m[i] + (1 - 0.9f) * g[i];
                        v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
                        largest[i] = Math.max(largest[i], v[i]);
                        double root = Math.sqrt(largest[i] / (1 - Math.pow(b2, t)));
                        w[i] -= 0.05f * m[i] / (1 - Math.pow(0.9f, t)) / (root + 1e-8f);
                    }
                });
    }

    @Test
    void rmsProp() {
        follows(RmsProp.of(0.01f), rmsProp(0, false));
        follows(RmsProp.of(0.01f).momentum(0.9f), rmsProp(0.9f, false));
        follows(RmsProp.of(0.01f).centered(), rmsProp(0, true));
        follows(RmsProp.of(0.01f).centered().momentum(0.5f), rmsProp(0.5f, true));
    }

    private static Step rmsProp(double momentum, boolean centered) {
        double[] mean = new double[8];
        double a = 0.99f;
        return (w, g, m, v, t) -> {
            for (int i = 0; i < 8; i++) {
                v[i] = a * v[i] + (1 - a) * g[i] * g[i];
                mean[i] = a * mean[i] + (1 - a) * g[i];
                double variance = centered ? v[i] - mean[i] * mean[i] : v[i];
                m[i] = momentum * m[i] + g[i] / (Math.sqrt(variance) + 1e-8f);
                w[i] -= 0.01f * m[i];
            }
        };
    }

    @Test
    void adagradAndAdadelta() {
        follows(
                Adagrad.of(0.1f).learningRateDecay(0.2f).weightDecay(0.1f),
                (w, g, m, v, t) -> {
                    for (int i = 0; i < 8; i++) {
                        double d = g[i] + 0.1f * w[i];
                        v[i] += d * d;
                        w[i] -= 0.1f / (1 + (t - 1) * 0.2f) * d / (Math.sqrt(v[i]) + 1e-10f);
                    }
                });
        follows(
                Adadelta.of(1),
                (w, g, m, v, t) -> {
                    for (int i = 0; i < 8; i++) {
                        v[i] = 0.9f * v[i] + (1 - 0.9f) * g[i] * g[i];
                        double d = Math.sqrt(m[i] + 1e-6f) / Math.sqrt(v[i] + 1e-6f) * g[i];
                        m[i] = 0.9f * m[i] + (1 - 0.9f) * d * d;
                        w[i] -= d;
                    }
                });
    }

    @Test
    void lion() {
        follows(
                Lion.of(0.01f).weightDecay(0.5f),
                (w, g, m, v, t) -> {
                    for (int i = 0; i < 8; i++) {
                        double sign = Math.signum(0.9f * m[i] + (1 - 0.9f) * g[i]);
                        w[i] = (1 - 0.01f * 0.5f) * w[i] - 0.01f * sign;
                        m[i] = 0.99f * m[i] + (1 - 0.99f) * g[i];
                    }
                });
    }

    @Test
    void nadam() {
        double b1 = 0.9f;
        double b2 = 0.999f;
        double[] product = {1};
        follows(
                NAdam.of(0.05f).momentumDecay(0.5f),
                (w, g, m, v, t) -> {
                    double mu = b1 * (1 - 0.5 * Math.pow(0.96, t * 0.5));
                    double next = b1 * (1 - 0.5 * Math.pow(0.96, (t + 1) * 0.5));
                    product[0] *= mu;
                    for (int i = 0; i < 8; i++) {
                        m[i] = b1 * m[i] + (1 - b1) * g[i];
                        v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
                        double root = Math.sqrt(v[i] / (1 - Math.pow(b2, t))) + 1e-8f;
                        w[i] -= 0.05f * (1 - mu) / (1 - product[0]) * g[i] / root;
                        w[i] -= 0.05f * next / (1 - product[0] * next) * m[i] / root;
                    }
                });
    }

    @Test
    void radamAdaptsOnceTheVarianceIsKnown() {
        double b1 = 0.9f;
        double b2 = 0.9f;
        double limit = 2 / (1 - b2) - 1;
        boolean[] seen = new boolean[2];
        follows(
                RAdam.of(0.05f).betas(0.9f, 0.9f),
                (w, g, m, v, t) -> {
                    double power = Math.pow(b2, t);
                    double rho = limit - 2 * t * power / (1 - power);
                    seen[rho > 5 ? 1 : 0] = true;
                    double r =
                            Math.sqrt(
                                    (rho - 4)
                                            * (rho - 2)
                                            * limit
                                            / ((limit - 4) * (limit - 2) * rho));
                    for (int i = 0; i < 8; i++) {
                        m[i] = b1 * m[i] + (1 - b1) * g[i];
                        v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
                        double step = m[i] / (1 - Math.pow(b1, t));
                        step *= rho > 5 ? r * Math.sqrt(1 - power) / (Math.sqrt(v[i]) + 1e-8f) : 1;
                        w[i] -= 0.05f * step;
                    }
                });
        assertThat(seen).containsExactly(true, true);
    }

    @Test
    void settingsOfRulesOutOfRangeAreRefused() {
        assertThatThrownBy(() -> RmsProp.of(1).alpha(1))
                .isInstanceOf(ArgumentException.class)
                .hasMessage("RmsProp: alpha must be from 0 to below 1, got 1.0");
        assertThatThrownBy(() -> Lion.of(1).betas(0.9f, -1)).hasMessageContaining("beta2");
        assertThatThrownBy(() -> Adadelta.of(1).epsilon(-1)).hasMessageContaining("epsilon");
        assertThat(Lion.of(0.5f))
                .hasToString("Lion(learning rate 0.5, beta1 0.9, beta2 0.99, weight decay 0.0)");
    }

    @Test
    void everyRuleGoesOnBitForBitFromItsState() {
        for (UpdateRule rule :
                new UpdateRule[] {
                    RmsProp.of(0.01f),
                    RmsProp.of(0.01f).centered().momentum(0.9f),
                    Adagrad.of(0.1f).learningRateDecay(0.1f),
                    Adadelta.of(1),
                    Lion.of(0.01f),
                    NAdam.of(0.01f),
                    RAdam.of(0.01f),
                    Adam.of(0.01f).amsGrad()
                }) {
            Pair model = new Pair();
            Optimizer optimizer = rule.over(model);
            steps(model, optimizer, 4);
            Pair other = new Pair();
            Optimizer restored = rule.over(other);
            other.load(copy(model.stateDict()));
            restored.load(copy(optimizer.stateDict()));
            steps(model, optimizer, 4);
            steps(other, restored, 4);
            assertThat(other.a.value().toArray()).containsExactly(model.a.value().toArray());
            assertThat(other.b.value().toArray()).containsExactly(model.b.value().toArray());
        }
    }

    private void steps(Pair model, Optimizer optimizer, int count) {
        for (int i = 0; i < count; i++) {
            backward(model, optimizer);
            optimizer.step();
        }
    }

    @Test
    void parametersWithoutAGradientStay() {
        Pair model = new Pair();
        model.a.freeze(true);
        Optimizer optimizer = AdamW.of(0.1f).weightDecay(0.5f).over(model);
        backward(model, optimizer);
        optimizer.step();
        assertThat(model.a.value().toArray()).containsExactly(A);
        assertThat(model.b.value().toArray()).isNotEqualTo(B);
        // Adam's bias correction of a starts when its gradients do.
        model.a.freeze(false);
        backward(model, optimizer);
        float before = model.a.value().at(1);
        optimizer.step();
        assertThat(Math.abs(model.a.value().at(1) - before * (1 - 0.05f)))
                .isCloseTo(0.1f, within(1e-5f));
    }

    @Test
    void rulesPerParameter() {
        Pair model = new Pair();
        Sgd main = Sgd.of(0.1f);
        Sgd slow = Sgd.of(0.01f);
        Optimizer optimizer = new Optimizer(model, main, name -> name.equals("a") ? slow : main);
        optimizer.learningRate(0.2f);
        backward(model, optimizer);
        optimizer.step();
        double[] g = gradient(new double[] {1, -2, 0.5, 3, 0.25, -1, 2, 5});
        assertThat((double) model.a.value().at(1)).isCloseTo(-2 - 0.02 * g[1], within(1e-6));
        assertThat((double) model.b.value().at(0)).isCloseTo(3 - 0.2 * g[3], within(1e-6));
        assertThatThrownBy(() -> new Optimizer(new Pair(), main, name -> Adam.of(1)))
                .hasMessageContaining("rule of a must be a Sgd");
    }

    @Test
    void clipping() {
        Pair model = new Pair();
        Optimizer optimizer = Sgd.of(1).over(model);
        backward(model, optimizer);
        double[] g = gradient(new double[] {1, -2, 0.5, 3, 0.25, -1, 2, 5});
        double norm = 0;
        for (double d : g) {
            norm += d * d;
        }
        norm = Math.sqrt(norm);
        assertThat((double) optimizer.clipNorm(1e6f)).isCloseTo(norm, within(1e-4));
        assertThat((double) optimizer.gradients().of(model.b).at(4)).isCloseTo(g[7], within(1e-5));
        assertThat((double) optimizer.clipNorm(2)).isCloseTo(norm, within(1e-4));
        assertThat((double) optimizer.gradients().of(model.b).at(4))
                .isCloseTo(g[7] * 2 / norm, within(1e-5));
        assertThat((double) optimizer.clipNorm(100)).isCloseTo(2, within(1e-4));
        optimizer.clipValue(0.1f);
        for (float v : optimizer.gradients().of(model.b).toArray()) {
            assertThat(Math.abs(v)).isLessThanOrEqualTo(0.1f);
        }
        assertThatThrownBy(() -> optimizer.clipNorm(-1)).hasMessageContaining("-1");
    }

    @Test
    void aRestoredOptimizerGoesOnBitForBit() {
        Pair model = new Pair();
        Optimizer optimizer = AdamW.of(0.05f).over(model);
        for (int i = 0; i < 5; i++) {
            backward(model, optimizer);
            optimizer.step();
        }
        optimizer.learningRate(0.02f);
        Map<String, Tensor> weights = copy(model.stateDict());
        Map<String, Tensor> state = copy(optimizer.stateDict());
        assertThat(state.keySet())
                .containsExactlyInAnyOrder(
                        "step",
                        "learning_rate",
                        "exp_avg.a",
                        "exp_avg.b",
                        "exp_avg_sq.a",
                        "exp_avg_sq.b");

        Pair other = new Pair();
        Optimizer restored = AdamW.of(0.05f).over(other);
        other.load(weights);
        restored.load(state);
        for (int i = 0; i < 5; i++) {
            backward(model, optimizer);
            optimizer.step();
            backward(other, restored);
            restored.step();
        }
        assertThat(restored.learningRate()).isEqualTo(0.02f);
        assertThat(other.a.value().toArray()).containsExactly(model.a.value().toArray());
        assertThat(other.b.value().toArray()).containsExactly(model.b.value().toArray());

        state.remove("exp_avg.b");
        assertThatThrownBy(() -> restored.load(state))
                .hasMessage("Optimizer.load: exp_avg.b should be [5], the state has none");
    }

    @Test
    void aStateThatCanNotBeReadChangesNothing() {
        Pair model = new Pair();
        Optimizer optimizer = Adam.of(0.05f).over(model);
        Map<String, Tensor> before = copy(optimizer.stateDict());
        Map<String, Tensor> broken = copy(before);
        broken.put("step", scope.ofInts(7, 7));
        broken.put("learning_rate", scope.of(9));
        try (Scope inner = Scope.open()) {
            broken.put("exp_avg_sq.b", inner.ones(Shape.of(5)));
        }
        assertThatThrownBy(() -> optimizer.load(broken)).isInstanceOf(ScopeException.class);
        optimizer
                .stateDict()
                .forEach(
                        (name, tensor) ->
                                assertThat(tensor.contentEquals(before.get(name))).isTrue());
    }

    @Test
    void rulesAreReadable() {
        assertThat(Sgd.of(0.1f).momentum(0.9f).nesterov())
                .hasToString(
                        "Sgd(learning rate 0.1, momentum 0.9 (Nesterov), dampening 0.0, weight decay 0.0)");
        assertThat(AdamW.of(0.001f).toString())
                .startsWith("AdamW(learning rate 0.001, betas 0.9 and 0.999");
    }

    private static Map<String, Tensor> copy(Map<String, Tensor> state) {
        Map<String, Tensor> copy = new HashMap<>();
        state.forEach((name, tensor) -> copy.put(name, tensor.copy()));
        return copy;
    }

    @Test
    void stepsWithGradientsFromElsewhere() {
        Pair model = new Pair();
        Optimizer optimizer = Sgd.of(0.1f).over(model);
        try (Scope _ = Scope.open();
                Tape tape = Tape.start()) {
            optimizer.step(tape.gradients(loss(model)));
        }
        double[] g = gradient(new double[] {1, -2, 0.5, 3, 0.25, -1, 2, 5});
        assertThat((double) model.a.value().at(0)).isCloseTo(1 - 0.1f * g[0], within(1e-5));
    }

    /** Parts of a {@link Pair} and of no one else, b first. */
    private final class Swapped extends Module {
        Swapped(Pair pair) {
            param("b", pair.b);
            param("a", pair.a);
        }
    }

    private final class OnlyB extends Module {
        OnlyB(Pair pair) {
            param("b", pair.b);
        }
    }

    @Test
    void optimizersOfOneModelShareItsSlab() {
        Pair model = new Pair();
        Optimizer first = Sgd.of(0.1f).over(model);
        Optimizer second = Adam.of(0.1f).over(model);
        Optimizer ofAPart = Sgd.of(0.1f).over(new OnlyB(model));
        for (Optimizer optimizer : new Optimizer[] {first, second, ofAPart, first}) {
            float[] before = model.b.value().toArray();
            backward(model, optimizer);
            optimizer.step();
            assertThat(model.b.value().toArray()).isNotEqualTo(before);
        }
        assertThat(ofAPart.slab().values().sharesMemoryWith(first.slab().values())).isTrue();
        assertThat(second.slab().values().offset()).isEqualTo(first.slab().values().offset());
    }

    @Test
    void aStepWhoseParametersHaveMovedIsRefused() {
        Pair model = new Pair();
        Optimizer left = Sgd.of(0.1f).over(model);
        backward(model, left);
        Optimizer moved = Sgd.of(0.1f).over(new Swapped(model));
        float[] before = model.a.value().toArray();
        assertThatThrownBy(left::step)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a was moved")
                .hasMessageContaining("one module that holds both");
        assertThat(model.a.value().toArray()).containsExactly(before);
        backward(model, moved);
        moved.step();
        assertThat(model.a.value().toArray()).isNotEqualTo(before);
    }

    /** A part of its own scope beside one that lives elsewhere. */
    private static final class Mixed extends Module {
        Mixed(Tensor head, Module backbone) {
            param("head", new Parameter(head));
            child("backbone", backbone);
        }
    }

    @Test
    void parametersOfDifferentScopesAreRefused() {
        Pair backbone = new Pair();
        try (Scope inner = Scope.open()) {
            Mixed model = new Mixed(inner.of(7), backbone);
            Tensor a = backbone.a.value();
            assertThatThrownBy(() -> Sgd.of(0.1f).over(model))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("head and backbone.a live in different scopes")
                    .hasMessageContaining("build all parts of the model in one scope");
            assertThat(backbone.a.value()).isSameAs(a);
        }
        assertThat(backbone.a.value().toArray()).containsExactly(A);
        assertThat(backbone.b.value().toArray()).containsExactly(B);
    }

    @Test
    void closingGivesBackAllButTheValues() {
        Pair model = new Pair();
        Sgd.of(0.1f).over(model).close();
        long before = Scope.liveBytes();
        Optimizer optimizer = Adam.of(0.1f).over(model);
        backward(model, optimizer);
        optimizer.step();
        assertThat(Scope.liveBytes()).isGreaterThan(before);
        float[] stepped = model.a.value().toArray();
        optimizer.close();
        optimizer.close();
        assertThat(Scope.liveBytes()).isEqualTo(before);
        assertThat(model.a.value().toArray()).containsExactly(stepped);
        assertThatThrownBy(optimizer::step)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(optimizer::gradients).hasMessageContaining("closed");
        assertThatThrownBy(optimizer::stateDict).hasMessageContaining("closed");
    }

    @Test
    void anOptimizerMayOutliveItsModel() {
        Optimizer optimizer;
        try (Scope inner = Scope.open()) {
            Scope outer = scope;
            scope = inner;
            optimizer = Adam.of(0.1f).over(new Pair());
            scope = outer;
        }
        optimizer.close();
    }

    @Test
    void misuseIsExplained() {
        Pair model = new Pair();
        Optimizer optimizer = Sgd.of(0.1f).over(model);
        assertThatThrownBy(optimizer::step)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("tape.gradients(loss, optimizer.gradients())");
        assertThatThrownBy(() -> Sgd.of(-1)).hasMessageContaining("-1.0");
        assertThatThrownBy(() -> Sgd.of(1).nesterov()).hasMessageContaining("momentum");
        Sgd nesterov = Sgd.of(1).momentum(0.9f).nesterov();
        assertThatThrownBy(() -> nesterov.dampening(0.5f)).hasMessageContaining("dampening 0.5");
        assertThatThrownBy(() -> nesterov.momentum(0)).hasMessageContaining("momentum 0.0");
        assertThatThrownBy(() -> Sgd.of(1).dampening(Float.NaN)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> Adam.of(1).betas(1, 0.9f)).hasMessageContaining("1.0");
        assertThat(model.a.value().shape()).isEqualTo(Shape.of(3));
    }
}
