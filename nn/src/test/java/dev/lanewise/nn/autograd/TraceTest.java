package dev.lanewise.nn.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.layers.BatchNorm2d;
import dev.lanewise.nn.ops.Functional;
import dev.lanewise.nn.testing.Digits;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;

class TraceTest extends TensorTest {

    @Test
    void theForwardPassOfACnnReplaysWithTheSameBits() {
        RandomStream random = new RandomStream(1);
        Digits model = new Digits(random);
        Tensor x = random.normal(scope.empty(Shape.of(3, 1, 28, 28)), 0, 1);
        Trace trace = Trace.capture(model::forward, x);

        assertThat(trace.steps().stream().map(step -> step.operation().name()))
                .containsExactly(
                        "conv2d",
                        "relu",
                        "maxPool2d",
                        "conv2d",
                        "relu",
                        "maxPool2d",
                        "reshape",
                        "linear",
                        "relu",
                        "linear");
        assertThat(trace.toString())
                .contains(
                        "%3: [3, 4, 28, 28] = conv2d(%0: [3, 1, 28, 28], parameter 1: [4, 1, 3, 3]")
                .contains("results %");
        assertThat(trace.values().stream().filter(Trace.Value::isConstant)).hasSize(8);

        Tensor other = random.normal(scope.empty(Shape.of(3, 1, 28, 28)), 0, 1);
        float[] expected = model.forward(Variable.of(other)).value().toArray();
        assertThat(trace.replay(other).getFirst().toArray()).containsExactly(expected);

        // Parameters are seen as they are at the time of the replay.
        model.parameters().get("fc2.bias").value().fill(100);
        float[] changed = model.forward(Variable.of(other)).value().toArray();
        assertThat(trace.replay(other).getFirst().toArray()).containsExactly(changed);
        assertThat(changed).isNotEqualTo(expected);
    }

    @Test
    void batchNormIsCapturedInInferenceOnly() {
        BatchNorm2d norm = new BatchNorm2d(2);
        RandomStream random = new RandomStream(2);
        Tensor x = random.normal(scope.empty(Shape.of(3, 2, 4, 4)), 1, 2);
        Context training = Context.training(random);
        assertThatThrownBy(() -> Trace.capture(v -> norm.forward(v, training), x))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("BatchNorm2d: training moves running_mean")
                .hasMessageContaining("Context.inference()");
        assertThat(norm.buffers().get("running_mean").toArray()).containsOnly(0);
        assertThat(Trace.isCapturing()).isFalse();

        Trace trace = Trace.capture(norm::forward, x);
        // A replay sees the running statistics as training has moved them since.
        norm.forward(Variable.of(x), training);
        float[] expected = norm.forward(Variable.of(x)).value().toArray();
        assertThat(trace.replay(x).getFirst().toArray()).containsExactly(expected);
    }

    @Test
    void otherShapesAreRefused() {
        Digits model = new Digits(new RandomStream(1));
        Trace trace = Trace.capture(model::forward, scope.zeros(Shape.of(2, 1, 28, 28)));
        assertThatThrownBy(() -> trace.replay(scope.zeros(Shape.of(3, 1, 28, 28))))
                .hasMessageContaining("[2, 1, 28, 28]")
                .hasMessageContaining("[3, 1, 28, 28]");
        assertThatThrownBy(trace::replay).hasMessageContaining("1 inputs, given 0");
    }

    @Test
    void detachedValuesAreTheSameValues() {
        Trace trace = Trace.capture(x -> Functional.multiply(x.detach(), x), scope.of(1, 2));
        assertThat(trace.values().stream().filter(Trace.Value::isConstant)).isEmpty();
        assertThat(trace.replay(scope.of(3, 4)).getFirst().toArray()).containsExactly(9, 16);
    }

    @Test
    void gradientsAreCapturedWhenDifferentiated() {
        Tensor x = scope.of(1, 2, 3);
        Trace trace =
                Trace.capture(
                        v -> {
                            try (Tape tape = Tape.start()) {
                                Variable watched = tape.watch(v.value());
                                Variable y = dev.lanewise.nn.ops.Functional.exp(watched);
                                return tape.differentiate(y, java.util.List.of(watched)).getFirst();
                            }
                        },
                        x);
        assertThat(trace.steps()).hasSizeGreaterThanOrEqualTo(2);
        Tensor other = scope.of(0, -1, 2.5f);
        // The derivative of exp is exp.
        assertThat(trace.replay(other).getFirst().toArray()).containsExactly(other.exp().toArray());
    }
}
