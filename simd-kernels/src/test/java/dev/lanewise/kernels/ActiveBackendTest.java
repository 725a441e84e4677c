package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.vector.VectorWidth;

import org.junit.jupiter.api.Test;

/** Each run of the tests really ran on the backend and width that it is for. */
class ActiveBackendTest {

    @Test
    void thisJvmRunsWhatTheBuildAskedFor() {
        String expected = System.getProperty("lanewise.test.backend", "vector");
        String bits = System.getProperty("lanewise.vectorBits");
        assertThat(Backend.active().name()).isEqualToIgnoringCase(expected);
        assertThat(Kernels.active().backend()).isEqualTo(Backend.active());
        if (expected.equals("scalar")) {
            assertThat(Backend.vectorBits()).isZero();
        } else {
            int preferred = VectorWidth.preferredBits();
            assertThat(Backend.vectorBits())
                    .isEqualTo(bits == null ? preferred : Integer.parseInt(bits));
        }
    }
}
