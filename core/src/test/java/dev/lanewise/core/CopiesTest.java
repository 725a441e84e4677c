package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

@ExtendWith(NoLeaks.class)
class CopiesTest {

    @Test
    void copiesBetweenAnyLayouts() {
        Property.check(
                400,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Nd.shape(draw, 4, 9);
                        Tensor a = Nd.random(draw, Nd.narrower(draw, shape), 100);
                        Tensor out = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        Nd expected = Nd.zip(Nd.of(a), Nd.empty(shape.toArray()), (x, y) -> x);
                        assertThat(out.copyFrom(a)).isSameAs(out);
                        expected.check(out);
                        Nd.of(out).check(out.copy());
                        assertThat(out.copy().isContiguous()).isTrue();
                        out.fill(3);
                        assertThat(out.toArray()).doesNotContain(0, 1, 2);
                    }
                });
    }

    @Test
    void writesToAViewLeaveTheRestAlone() {
        Property.check(
                200,
                draw -> {
                    try (Scope scope = Scope.open()) {
                        int rows = draw.size(1, 30);
                        int columns = draw.size(1, 40);
                        int step = draw.between(1, 3);
                        Tensor whole = scope.full(Shape.of(rows * step, columns + 2), -1);
                        Tensor part =
                                whole.slice(0, 0, (long) rows * step, step)
                                        .slice(1, 1, columns + 1);
                        Tensor target = draw.flip() ? part.transpose() : part;
                        target.copyFrom(scope.full(target.shape(), 5));
                        float written = 6f * rows * columns;
                        assertThat((double) sum(whole.add(1))).isEqualTo(written);
                        target.fill(7);
                        assertThat((double) sum(whole.add(1))).isEqualTo(8f * rows * columns);
                    }
                });
    }

    private static float sum(Tensor t) {
        float sum = 0;
        for (float value : t.toArray()) {
            sum += value;
        }
        return sum;
    }

    @Test
    void overlappingCopiesActAsIfTheSourceWereCopiedAway() {
        try (Scope scope = Scope.open()) {
            Tensor a = scope.arange(6);
            a.slice(0, 1, 6).copyFrom(a.slice(0, 0, 5));
            assertThat(a.toArray()).containsExactly(0, 0, 1, 2, 3, 4);
            Tensor m = scope.arange(9).reshape(3, 3);
            m.copyFrom(m.transpose());
            assertThat(m.toArray()).containsExactly(0, 3, 6, 1, 4, 7, 2, 5, 8);
            m.copyFrom(m.select(0, 1));
            assertThat(m.toArray()).containsExactly(1, 4, 7, 1, 4, 7, 1, 4, 7);
        }
    }

    @Test
    void largeCopiesUseThreadsWithTheSameResult() {
        try (Scope scope = Scope.open();
                var _ = Workers.usingAll()) {
            Tensor a = scope.arange(300_001);
            assertThat(a.copy().contentEquals(a)).isTrue();
        }
    }

    @Test
    void castsRoundTowardZeroAndSaturate() {
        try (Scope scope = Scope.open()) {
            Tensor a = scope.of(1.9f, -1.9f, Float.NaN, 1e20f, -1e20f, 16777216f);
            assertThat(a.toInt().toIntArray())
                    .containsExactly(1, -1, 0, Integer.MAX_VALUE, Integer.MIN_VALUE, 16777216);
            Tensor ints = scope.ofInts(1, -7, 16777217, Integer.MAX_VALUE);
            assertThat(ints.toFloat().toArray()).containsExactly(1, -7, 16777216f, 2147483648f);
            assertThat(a.toFloat()).isSameAs(a);
            assertThat(ints.reshape(2, 2).transpose().toFloat().toArray())
                    .containsExactly(1, 16777216f, -7, 2147483648f);
            assertThat(scope.zeros(Shape.of(3), ElementType.INT32).fill(2.9f).toIntArray())
                    .containsOnly(2);
        }
    }

    @Test
    void int32BitsSurviveEveryLayout() {
        // Patterns that are signalling NaNs as floats.
        int[] bits = {0x7f800001, 0xff800001, 0x7fbfffff, 1, -1, Integer.MIN_VALUE};
        try (Scope scope = Scope.open()) {
            Tensor a = scope.ofInts(bits, Shape.of(2, 3));
            assertThat(a.copy().toIntArray()).containsExactly(bits);
            assertThat(a.transpose().contiguous().transpose().toIntArray()).containsExactly(bits);
            Tensor wide = scope.zeros(Shape.of(2, 7), ElementType.INT32);
            wide.slice(1, 0, 6, 2).copyFrom(a);
            assertThat(wide.slice(1, 0, 6, 2).toIntArray()).containsExactly(bits);
            assertThat(Joining.concat(0, a, a).slice(0, 2, 4).toIntArray()).containsExactly(bits);
            assertThat(a.indexSelect(0, scope.ofInts(1, 0)).toIntArray())
                    .containsExactly(1, -1, Integer.MIN_VALUE, bits[0], bits[1], bits[2]);
        }
    }

    @Test
    void buffersAndSegmentsOfAllKinds() {
        try (Scope scope = Scope.open();
                Arena arena = Arena.ofConfined()) {
            float[] values = {1, 2, 3, 4, 5, 6};
            FloatBuffer heap = FloatBuffer.wrap(new float[] {0, 1, 2, 3, 4, 5, 6}).position(1);
            Tensor a = scope.of(heap, Shape.of(2, 3));
            assertThat(heap.remaining()).isZero();
            assertThat(a.toArray()).containsExactly(values);

            FloatBuffer direct =
                    ByteBuffer.allocateDirect(32).order(ByteOrder.nativeOrder()).asFloatBuffer();
            a.transpose().copyTo(direct);
            assertThat(direct.position()).isEqualTo(6);
            assertThat(direct.get(1)).isEqualTo(4);
            assertThat(a.copyFrom(direct.flip()).toArray()).containsExactly(1, 4, 2, 5, 3, 6);

            IntBuffer ints = IntBuffer.allocate(6);
            a.toInt().copyTo(ints);
            assertThat(ints.array()).containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(scope.ofInts(ints.flip(), Shape.of(6)).toIntArray())
                    .containsExactly(1, 4, 2, 5, 3, 6);

            MemorySegment segment = arena.allocate(24);
            a.copyTo(segment);
            assertThat(segment.getAtIndex(ValueLayout.JAVA_FLOAT, 5)).isEqualTo(6);
            assertThat(scope.empty(Shape.of(3, 2)).copyFrom(segment).toArray())
                    .containsExactly(1, 4, 2, 5, 3, 6);
            Tensor columns = scope.zeros(Shape.of(3, 2)).transpose();
            columns.copyFrom(values);
            assertThat(columns.at(1, 0)).isEqualTo(4);
            assertThat(scope.of(new float[][] {{1, 2}, {3, 4}}).toArray())
                    .containsExactly(1, 2, 3, 4);
        }
    }

    @Test
    void wrongCountsTypesAndOrdersAreErrors() {
        try (Scope scope = Scope.open()) {
            Tensor a = scope.zeros(Shape.of(2, 3));
            assertThatThrownBy(() -> a.copyFrom(1, 2))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("copyFrom: 2 values for 6 elements: [2, 3]");
            assertThatThrownBy(() -> a.copyFrom(new int[6])).isInstanceOf(ArgumentException.class);
            assertThatThrownBy(a::toIntArray)
                    .hasMessage(
                            "toIntArray: the tensor must be int32, got float32 [2, 3]; convert with"
                                    + " toInt()");
            assertThatThrownBy(() -> a.copyTo(FloatBuffer.allocate(5)))
                    .hasMessage("copyTo: the buffer has room for 5 elements, [2, 3] has 6");
            assertThatThrownBy(() -> a.copyTo(MemorySegment.ofArray(new float[5])))
                    .isInstanceOf(ShapeException.class);
            assertThatThrownBy(() -> a.copyFrom(MemorySegment.ofArray(new float[7])))
                    .isInstanceOf(ShapeException.class);
            ByteOrder other =
                    ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
                            ? ByteOrder.LITTLE_ENDIAN
                            : ByteOrder.BIG_ENDIAN;
            FloatBuffer swapped = ByteBuffer.allocate(24).order(other).asFloatBuffer();
            assertThatThrownBy(() -> a.copyFrom(swapped)).isInstanceOf(ArgumentException.class);
            assertThatThrownBy(() -> a.copyTo(swapped)).isInstanceOf(ArgumentException.class);
            assertThatThrownBy(() -> a.expand(Shape.of(2, 2, 3)).fill(1))
                    .isInstanceOf(ArgumentException.class);
            assertThatThrownBy(() -> a.copyFrom(scope.zeros(Shape.of(2, 2))))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("copy: [2, 2] does not broadcast to [2, 3]");
            assertThatThrownBy(() -> scope.of(new float[][] {{1, 2}, {3}}))
                    .isInstanceOf(ShapeException.class);
        }
    }

    @Test
    void creation() {
        try (Scope scope = Scope.open()) {
            assertThat(scope.zeros(Shape.of(2)).toArray()).containsOnly(0);
            assertThat(scope.ones(Shape.of(2)).toArray()).containsOnly(1);
            assertThat(scope.full(Shape.of(2), 3).toArray()).containsOnly(3);
            assertThat(scope.scalar(4).shape()).isEqualTo(Shape.SCALAR);
            assertThat(scope.scalar(4).item()).isEqualTo(4);
            assertThat(scope.arange(4).toArray()).containsExactly(0, 1, 2, 3);
            assertThat(scope.eye(2).toArray()).containsExactly(1, 0, 0, 1);
            assertThat(scope.of().shape()).isEqualTo(Shape.of(0));
            assertThat(scope.of(new float[0][]).shape()).isEqualTo(Shape.of(0, 0));
            Tensor ints = scope.ofInts(5, 6);
            assertThat(ints.type()).isEqualTo(ElementType.INT32);
            assertThat(ints.intAt(-1)).isEqualTo(6);
            assertThat(ints.at(1)).isEqualTo(6);
            ints.set(9, 0);
            assertThat(ints.toArray()).containsExactly(9, 6);
            assertThat(scope.of(2.9f).intAt(0)).isEqualTo(2);
        }
    }
}
