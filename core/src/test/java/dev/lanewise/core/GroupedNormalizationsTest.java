package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** RMS and group normalization on tensors of any layout against loops in double. */
@ExtendWith(NoLeaks.class)
class GroupedNormalizationsTest {

    private static void close(Tensor found, double[] expected, double tolerance) {
        float[] values = found.toArray();
        assertThat(values).hasSameSizeAs(expected);
        for (int i = 0; i < values.length; i++) {
            assertThat((double) values[i]).isCloseTo(expected[i], within(tolerance));
        }
    }

    @Test
    void rmsNormalizationAndItsGradients() {
        Property.check(
                60,
                draw -> {
                    try (Scope scope = Scope.open()) {
                        Shape shape =
                                Shape.of(
                                        draw.between(1, 4),
                                        draw.between(1, 9),
                                        draw.between(1, 40));
                        int d = (int) shape.size(2);
                        Tensor x = Nd.random(draw, shape, 3);
                        Tensor dy = Nd.random(draw, shape, 2);
                        Tensor scale = Nd.random(draw, Shape.of(d), 2);
                        float[] in = x.toArray();
                        float[] g = dy.toArray();
                        float[] w = scale.toArray();
                        double[] out = new double[in.length];
                        double[] dIn = new double[in.length];
                        double[] dW = new double[d];
                        for (int row = 0; row < in.length; row += d) {
                            double squares = 0;
                            double along = 0;
                            for (int c = 0; c < d; c++) {
                                squares += (double) in[row + c] * in[row + c] / d;
                            }
                            double s = 1 / Math.sqrt(squares + 0.1f);
                            for (int c = 0; c < d; c++) {
                                double hat = in[row + c] * s;
                                out[row + c] = hat * w[c];
                                dW[c] += g[row + c] * hat;
                                along += g[row + c] * w[c] * hat / d;
                            }
                            for (int c = 0; c < d; c++) {
                                double hat = in[row + c] * s;
                                dIn[row + c] = s * ((double) g[row + c] * w[c] - hat * along);
                            }
                        }
                        var normed = RmsNormalizations.rmsNorm(x, scale, 0.1f);
                        close(normed.output(), out, 1e-4);
                        Tensor dx = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        RmsNormalizations.rmsNormInputGradient(x, dy, scale, normed.invRms(), dx);
                        close(dx, dIn, 1e-4);
                        Tensor dScale = scope.empty(Shape.of(d));
                        RmsNormalizations.rmsNormScaleGradient(x, dy, normed.invRms(), dScale);
                        close(dScale, dW, 1e-3);
                        RmsNormalizations.rmsNorm(x, scale, 0.1f, normed.invRms(), x);
                        close(x, out, 1e-4);
                    }
                });
    }

    @Test
    void groupNormalizationAndItsGradients() {
        Property.check(
                60,
                draw -> {
                    try (Scope scope = Scope.open()) {
                        int groups = draw.between(1, 3);
                        int c = groups * draw.between(1, 3);
                        int n = draw.between(1, 4);
                        Shape shape = Shape.of(n, c, draw.between(1, 5), draw.between(2, 20));
                        Tensor x = Nd.random(draw, shape, 3);
                        Tensor dy = Nd.random(draw, shape, 2);
                        Tensor scale = Nd.random(draw, Shape.of(c), 2);
                        Tensor shift = Nd.random(draw, Shape.of(c), 2);
                        Loops loops = new Loops(x, dy, scale, shift, groups);
                        var normed = GroupNormalizations.groupNorm(x, groups, scale, shift, 0.1f);
                        close(normed.output(), loops.out, 1e-4);
                        Tensor dx = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        GroupNormalizations.groupNormInputGradient(
                                x, dy, groups, scale, normed.mean(), normed.invStd(), dx);
                        close(dx, loops.dIn, 1e-4);
                        Tensor dScale = scope.empty(Shape.of(c));
                        Tensor dShift = scope.empty(Shape.of(c));
                        GroupNormalizations.groupNormParameterGradients(
                                x, dy, groups, normed.mean(), normed.invStd(), dScale, dShift);
                        close(dScale, loops.dScale, 2e-3);
                        close(dShift, loops.dShift, 1e-3);
                    }
                });
    }

    /** Group normalization and its gradients in double. */
    private static final class Loops {
        final double[] out;
        final double[] dIn;
        final double[] dScale;
        final double[] dShift;

        Loops(Tensor x, Tensor dy, Tensor scale, Tensor shift, int groups) {
            float[] in = x.toArray();
            float[] g = dy.toArray();
            float[] w = scale.toArray();
            float[] b = shift.toArray();
            int channels = w.length;
            int spatial = in.length / (int) x.size(0) / channels;
            int count = channels / groups * spatial;
            out = new double[in.length];
            dIn = new double[in.length];
            dScale = new double[channels];
            dShift = new double[channels];
            for (int first = 0; first < in.length; first += count) {
                double mean = 0;
                double variance = 0;
                for (int i = first; i < first + count; i++) {
                    mean += in[i] / (double) count;
                }
                for (int i = first; i < first + count; i++) {
                    variance += (in[i] - mean) * (in[i] - mean) / count;
                }
                double s = 1 / Math.sqrt(variance + 0.1f);
                double plain = 0;
                double along = 0;
                for (int i = first; i < first + count; i++) {
                    int c = i / spatial % channels;
                    double hat = (in[i] - mean) * s;
                    out[i] = hat * w[c] + b[c];
                    dScale[c] += g[i] * hat;
                    dShift[c] += g[i];
                    plain += (double) g[i] * w[c] / count;
                    along += g[i] * w[c] * hat / count;
                }
                for (int i = first; i < first + count; i++) {
                    double hat = (in[i] - mean) * s;
                    dIn[i] = s * ((double) g[i] * w[i / spatial % channels] - plain - hat * along);
                }
            }
        }
    }

    @Test
    void threadsDoNotChangeBits() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.arange(900 * 300).sin().reshape(900, 300);
            Tensor scale = scope.ones(Shape.of(300));
            var one = RmsNormalizations.rmsNorm(x, scale, 1e-5f);
            Tensor images = x.reshape(30, 30, 300);
            Tensor perChannel = scope.ones(Shape.of(30));
            var first = GroupNormalizations.groupNorm(images, 5, perChannel, perChannel, 1e-5f);
            try (var _ = Workers.using(2)) {
                var two = RmsNormalizations.rmsNorm(x, scale, 1e-5f);
                assertThat(two.output().contentEquals(one.output())).isTrue();
                var second =
                        GroupNormalizations.groupNorm(images, 5, perChannel, perChannel, 1e-5f);
                assertThat(second.output().contentEquals(first.output())).isTrue();
                assertThat(second.invStd().contentEquals(first.invStd())).isTrue();
            }
        }
    }

    @Test
    void errors() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.zeros(Shape.of(2, 6, 4));
            Tensor six = scope.zeros(Shape.of(6));
            assertThatThrownBy(() -> RmsNormalizations.rmsNorm(x, six, 0))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("rmsNorm: scale must be [4], got [6]");
            assertThatThrownBy(() -> GroupNormalizations.groupNorm(x, 4, six, six, 0))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("groupNorm: 4 groups do not divide the 6 channels of x [2, 6, 4]");
            assertThatThrownBy(() -> GroupNormalizations.groupNorm(x, 0, six, six, 0))
                    .isInstanceOf(ShapeException.class);
            Tensor four = scope.zeros(Shape.of(4));
            assertThatThrownBy(() -> RmsNormalizations.rmsNormScaleGradient(x, x, four, four))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("rmsNormScaleGradient: invRms must be [2, 6], got [4]");
        }
    }
}
