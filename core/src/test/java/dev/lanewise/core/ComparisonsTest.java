package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whole-tensor comparison; the elementwise ones are in {@link ElementwiseTest}. */
@ExtendWith(NoLeaks.class)
class ComparisonsTest {
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;

    @Test
    void closeMeansWithinRelativePlusAbsoluteTolerance() {
        try (Scope scope = Scope.open()) {
            Tensor b = scope.of(100, -100, 0);
            assertThat(scope.of(101, -101, 0.1f).allClose(b, 0.01f, 0.1f)).isTrue();
            assertThat(scope.of(101.2f, -101, 0.1f).allClose(b, 0.01f, 0.1f)).isFalse();
            assertThat(scope.of(101, -101, 0.11f).allClose(b, 0.01f, 0.1f)).isFalse();
            assertThat(b.allClose(b, 0, 0)).isTrue();
            assertThat(scope.of().allClose(scope.of(), 0, 0)).isTrue();
        }
    }

    @Test
    void infinitiesMustBeEqualAndNaNIsCloseOnlyIfAsked() {
        try (Scope scope = Scope.open()) {
            assertThat(scope.of(INF).allClose(scope.of(INF), 0, 0)).isTrue();
            assertThat(scope.of(INF).allClose(scope.of(-INF), 1, 1)).isFalse();
            assertThat(scope.of(1).allClose(scope.of(INF), 1, 1)).isFalse();
            assertThat(scope.of(INF).allClose(scope.of(1), 1, 1)).isFalse();
            Tensor nan = scope.of(1, NAN);
            assertThat(nan.allClose(nan, 1, 1)).isFalse();
            assertThat(Comparisons.allClose(nan, nan, 0, 0, true)).isTrue();
            assertThat(Comparisons.allClose(nan, scope.of(1, 2), 9, 9, true)).isFalse();
        }
    }

    @Test
    void layoutsDoNotMatter() {
        try (Scope scope = Scope.open()) {
            Tensor a = scope.arange(12).reshape(3, 4);
            Tensor b = a.transpose().contiguous().transpose();
            assertThat(a.allClose(b, 0, 0)).isTrue();
            assertThat(a.contentEquals(b)).isTrue();
            b.set(-1, 2, 3);
            assertThat(a.allClose(b, 0, 0)).isFalse();
            assertThat(a.contentEquals(b)).isFalse();
        }
    }

    @Test
    void contentIsTypeShapeAndBits() {
        try (Scope scope = Scope.open()) {
            Tensor a = scope.of(1, NAN, 0f);
            assertThat(a.contentEquals(scope.of(1, NAN, 0f))).isTrue();
            assertThat(a.contentEquals(scope.of(1, NAN, -0f))).isFalse();
            assertThat(a.contentEquals(a.reshape(3, 1))).isFalse();
            assertThat(scope.ofInts(1).contentEquals(scope.of(1))).isFalse();
            assertThat(scope.ofInts(1, 2).contentEquals(scope.ofInts(1, 2))).isTrue();
            assertThat(scope.ofInts(1, 2).contentEquals(scope.ofInts(1, 3))).isFalse();
            assertThat(a).isNotEqualTo(a.copy());
        }
    }

    @Test
    void shapesMustAgree() {
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> scope.of(1).allClose(scope.of(1, 2), 0, 0))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("allClose: shapes differ: [1] and [2]");
        }
    }
}
