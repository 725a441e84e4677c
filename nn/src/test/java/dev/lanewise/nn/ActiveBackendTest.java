package dev.lanewise.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.Backend;
import dev.lanewise.kernels.Kernels;

import org.junit.jupiter.api.Test;

import java.util.Locale;

/** These tests run on the kernels that they are meant to run on. */
class ActiveBackendTest {

    @Test
    void theMeantBackendRuns() {
        String meant = System.getProperty("lanewise.test.backend", "vector");
        assertThat(Backend.active().name().toLowerCase(Locale.ROOT)).isEqualTo(meant);
        assertThat(Kernels.active().backend()).isEqualTo(Backend.active());
    }
}
