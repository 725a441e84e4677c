package dev.lanewise.nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Shape;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;

/** Bounds and moments of initializers against PyTorch's fan rules. */
class InitializersTest extends TensorTest {

    /** fanIn 32·9 = 288, fanOut 64·9 = 576. */
    private static final Shape FILTERS = Shape.of(64, 32, 3, 3);

    private record Moments(double mean, double std, double low, double high) {}

    private Moments moments(Initializer initializer, Shape shape) {
        float[] values = initializer.create(shape, new RandomStream(11)).toArray();
        double sum = 0;
        double square = 0;
        double low = Double.MAX_VALUE;
        double high = -Double.MAX_VALUE;
        for (float v : values) {
            sum += v;
            square += (double) v * v;
            low = Math.min(low, v);
            high = Math.max(high, v);
        }
        double mean = sum / values.length;
        return new Moments(mean, Math.sqrt(square / values.length - mean * mean), low, high);
    }

    private void checkUniform(Initializer initializer, double bound) {
        Moments m = moments(initializer, FILTERS);
        assertThat(m.high).isBetween(0.99 * bound, bound * (1 + 1e-6));
        assertThat(m.low).isBetween(-bound * (1 + 1e-6), -0.99 * bound);
        assertThat(m.std).isCloseTo(bound / Math.sqrt(3), within(0.02 * bound));
    }

    private void checkNormal(Initializer initializer, double std) {
        Moments m = moments(initializer, FILTERS);
        assertThat(m.mean).isCloseTo(0, within(0.03 * std));
        assertThat(m.std).isCloseTo(std, within(0.02 * std));
        assertThat(m.high).isGreaterThan(3 * std);
    }

    @Test
    void fans() {
        assertThat(Initializers.fanIn(FILTERS)).isEqualTo(288);
        assertThat(Initializers.fanOut(FILTERS)).isEqualTo(576);
        assertThat(Initializers.fanIn(Shape.of(10, 20))).isEqualTo(20);
        assertThat(Initializers.fanOut(Shape.of(10, 20))).isEqualTo(10);
        assertThatThrownBy(() -> Initializers.fanIn(Shape.of(10))).hasMessageContaining("[10]");
    }

    @Test
    void xavier() {
        checkUniform(Initializers.xavierUniform(), Math.sqrt(6.0 / 864));
        checkUniform(Initializers.xavierUniform(2), 2 * Math.sqrt(6.0 / 864));
        checkNormal(Initializers.xavierNormal(), Math.sqrt(2.0 / 864));
    }

    @Test
    void he() {
        checkUniform(Initializers.heUniform(), Math.sqrt(6.0 / 288));
        checkUniform(Initializers.heUniform((float) Math.sqrt(5)), Math.sqrt(1.0 / 288));
        checkNormal(Initializers.heNormal(), Math.sqrt(2.0 / 288));
        checkNormal(Initializers.heNormal(0.2f), Math.sqrt(2.0 / (1.04 * 288)));
    }

    @Test
    void truncatedNormalStaysInside() {
        Moments m = moments(Initializers.truncatedNormal(1, 0.5f, 0, 2), Shape.of(20_000));
        assertThat(m.low).isBetween(0.0, 0.02);
        assertThat(m.high).isBetween(1.98, 2.0);
        assertThat(m.mean).isCloseTo(1, within(0.02));
        // The variance of a normal truncated at ±2σ is 0.7737 σ².
        assertThat(m.std).isCloseTo(0.5 * Math.sqrt(0.7737), within(0.01));
        assertThatThrownBy(() -> Initializers.truncatedNormal(0, 1, 5, 6))
                .hasMessageContaining("within 3 std");
    }

    @Test
    void theSameSeedGivesTheSameValues() {
        Initializer initializer = Initializers.normal(0, 1);
        float[] a = initializer.create(Shape.of(100), new RandomStream(5)).toArray();
        assertThat(initializer.create(Shape.of(100), new RandomStream(5)).toArray())
                .containsExactly(a);
        assertThat(initializer.create(Shape.of(100), new RandomStream(6)).toArray())
                .isNotEqualTo(a);
        assertThat(Initializers.ones().create(Shape.of(3), new RandomStream(1)).toArray())
                .containsOnly(1);
        assertThat(Initializers.zeros().create(Shape.of(3), new RandomStream(1)).toArray())
                .containsOnly(0);
    }
}
