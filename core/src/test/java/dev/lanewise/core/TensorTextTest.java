package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.core.testing.NoLeaks;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class TensorTextTest {

    @Test
    void scalarsAndVectors() {
        try (Scope scope = Scope.open()) {
            assertThat(scope.scalar(2.5f)).hasToString("Tensor[] float32 2.5000");
            assertThat(scope.of(1, 2, 3)).hasToString("Tensor[3] float32 [1. 2. 3.]");
            assertThat(scope.ofInts(1, -20)).hasToString("Tensor[2] int32 [  1 -20]");
            assertThat(scope.of()).hasToString("Tensor[0] float32 []");
            assertThat(scope.of(Float.NaN, Float.NEGATIVE_INFINITY, 1.25f))
                    .hasToString("Tensor[3] float32 [   nan   -inf 1.2500]");
        }
    }

    @Test
    void matricesAreAligned() {
        try (Scope scope = Scope.open()) {
            assertThat(scope.of(new float[][] {{1, -2.5f}, {30.125f, 4}}))
                    .hasToString(
                            """
                            Tensor[2, 2] float32
                            [[ 1.0000 -2.5000]
                             [30.1250  4.0000]]""");
            assertThat(scope.arange(8).reshape(2, 2, 2).transpose())
                    .hasToString(
                            """
                            Tensor[2, 2, 2] float32
                            [[[0. 2.]
                              [1. 3.]]

                             [[4. 6.]
                              [5. 7.]]]""");
        }
    }

    @Test
    void theMiddleOfLargeOnesIsLeftOut() {
        try (Scope scope = Scope.open()) {
            assertThat(scope.arange(40_000).reshape(200, 200))
                    .hasToString(
                            """
                            Tensor[200, 200] float32
                            [[    0.     1.     2. ...   197.   198.   199.]
                             [  200.   201.   202. ...   397.   398.   399.]
                             [  400.   401.   402. ...   597.   598.   599.]
                             ...
                             [39400. 39401. 39402. ... 39597. 39598. 39599.]
                             [39600. 39601. 39602. ... 39797. 39798. 39799.]
                             [39800. 39801. 39802. ... 39997. 39998. 39999.]]""");
        }
    }

    @Test
    void longRowsWrap() {
        try (Scope scope = Scope.open()) {
            String text = scope.arange(100).toString();
            assertThat(text.lines()).hasSizeGreaterThan(3).allMatch(l -> l.length() <= 120);
        }
    }

    @Test
    void magnitudesChooseTheNotation() {
        try (Scope scope = Scope.open()) {
            assertThat(scope.of(1e-6f, 1)).hasToString("Tensor[2] float32 [1.0000e-06 1.0000e+00]");
            assertThat(scope.of(3e10f)).hasToString("Tensor[1] float32 [3.0000e+10]");
            assertThat(scope.of(0.25f, 1000.5f))
                    .hasToString("Tensor[2] float32 [   0.2500 1000.5000]");
        }
    }
}
