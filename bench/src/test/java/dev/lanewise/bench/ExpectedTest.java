package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.bench.work.Work;
import dev.lanewise.kernels.Kernels;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

class ExpectedTest {
    /** Every kind of work, small: each writes all of its output anew in each call. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gemm/17x33x20",
                "gemm/3x17x33x20",
                "gemm/4x64x32p",
                "gemm/17x33x20-nt",
                "gemm/17x33x20-tn",
                "gemm/3x17x33x20-tt",
                "gemm/33x1x20-tn",
                "gemm/4x64x32p-nt",
                "quantized/1x64x64-bfloat16-g0",
                "quantized/2x64x64-int8-g32",
                "quantized/1x64x64-int4-g32",
                "conv/1x3x9x9-k8-3x3-s2-p1",
                "conv/1x16x9x9-k16-3x3-s1-p1-g16",
                "conv/2x8x9x9-k8-3x3-s1-p2-d2-g2",
                "conv/2x8x9x9-k16-3x3-s1-p1-inputgradient",
                "conv/2x8x9x9-k16-3x3-s2-p1-weightgradient",
                "conv/1x8x9x9-k16-1x1-s1-p0-inputgradient",
                "conv1d/2x8x20-k8-3-s1-p1",
                "conv1d/2x8x20-k8-3-s1-p1-weightgradient",
                "deconv/1x8x5x5-k4-4x4-s2-p1",
                "attention/2x16x16x8",
                "attention/2x16x16x8-causal",
                "attention/2x16x16x8-train",
                "lstm/8-16-t4-n2",
                "lstm/8-16-t4-n2-train",
                "gru/8-16-t4-n2",
                "add/100",
                "relu/100",
                "exp/100",
                "tanh/100",
                "sigmoid/100",
                "gelu/100",
                "softmax/5x10",
                "logsoftmax/5x33",
                "crossentropy/5x33",
                "layernorm/5x33",
                "layernormgradient/5x33",
                "rmsnorm/5x33"
            })
    void holdsForEveryCallOfOurKernels(String id) {
        Work work = Work.parse(id);
        assertThat(work.id()).isEqualTo(id);
        try (Arena arena = Arena.ofShared()) {
            Work.Data data = work.allocate(arena);
            Expected expected = Expected.of(work, data, arena);
            Runnable call = work.prepare(Kernels.active(), data, arena);
            for (int i = 0; i < 2; i++) {
                data.out().fill((byte) 0xFF);
                call.run();
                expected.check(data.out(), "call " + i);
            }
        }
    }

    @Test
    void anElementOfAFunctionMayBeOffByFourUnits() {
        Work work = Work.parse("exp/100");
        try (Arena arena = Arena.ofShared()) {
            Work.Data data = work.allocate(arena);
            Expected expected = Expected.of(work, data, arena);
            work.prepare(Kernels.active(), data, arena).run();
            float value = data.out().getAtIndex(ValueLayout.JAVA_FLOAT, 50);
            data.out().setAtIndex(ValueLayout.JAVA_FLOAT, 50, value + 4 * Math.ulp(value));
            assertThatCode(() -> expected.check(data.out(), "x")).doesNotThrowAnyException();
            data.out().setAtIndex(ValueLayout.JAVA_FLOAT, 50, value + 5 * Math.ulp(value));
            assertThatThrownBy(() -> expected.check(data.out(), "somebody, first call"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("exp/100 by somebody, first call: element 50 is ");
        }
    }

    @Test
    void whatIsNotWrittenShows() {
        Work work = Work.parse("gemm/4x4x4");
        try (Arena arena = Arena.ofShared()) {
            Work.Data data = work.allocate(arena);
            Expected expected = Expected.of(work, data, arena);
            work.prepare(Kernels.active(), data, arena).run();
            data.out().setAtIndex(ValueLayout.JAVA_FLOAT, 15, Float.NaN);
            assertThatThrownBy(() -> expected.check(data.out(), "us"))
                    .hasMessageContaining("element 15 is NaN");
        }
    }
}
