package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class WarmUpTest {
    private double sink;
    private byte[] garbage = {};

    @Test
    void becomesSteadyOnWorkThatAllocatesNothing() {
        WarmUp.Report report = WarmUp.of(this::compute).limit(Duration.ofSeconds(30)).run();
        assertThat(report.steady()).as(report.toString()).isTrue();
        assertThat(report.bytesPerRun()).isZero();
        assertThat(report.runs()).isPositive();
        assertThat(report.nanosPerRun()).isPositive();
        assertThatCode(report::requireSteady).doesNotThrowAnyException();
    }

    @Test
    void saysSoWhereTheWorkGoesOnAllocating() {
        WarmUp.Report report = WarmUp.of(this::allocate).limit(Duration.ofMillis(700)).run();
        assertThat(report.steady()).isFalse();
        assertThat(report.bytesPerRun()).isBetween(1_000_000L, 2_000_000L);
        assertThatThrownBy(report::requireSteady)
                .isInstanceOf(LanewiseException.class)
                .hasMessageContaining("not steady after")
                .hasMessageContaining("bytes each at the end");
    }

    @Test
    void acceptsWhatTheCallerAllows() {
        WarmUp.Report report =
                WarmUp.of(this::allocate).allowBytes(2_000_000).limit(Duration.ofSeconds(30)).run();
        assertThat(report.steady()).as(report.toString()).isTrue();
        assertThat(report.bytesPerRun()).isBetween(1_000_000L, 2_000_000L);
    }

    @Test
    void passesOnWhatTheWorkThrows() {
        assertThatThrownBy(
                        () ->
                                WarmUp.of(
                                                () -> {
                                                    throw new IllegalStateException("the work's");
                                                })
                                        .run())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the work's");
    }

    @Test
    void rejectsNegativeAllowances() {
        assertThatThrownBy(() -> WarmUp.of(this::compute).allowBytes(-1))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("-1");
    }

    private void compute() {
        double sum = 0;
        for (int i = 0; i < 1000; i++) {
            sum += Math.sqrt(i);
        }
        sink += sum;
    }

    private void allocate() {
        garbage = new byte[1 << 20];
        compute();
        sink += garbage.length;
    }
}
