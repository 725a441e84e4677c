package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.bench.Timeline.Window;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class TimelineTest {
    private static final long LENGTH = 50;

    private static List<Window> windows(double... nanos) {
        List<Window> windows = new ArrayList<>();
        for (int i = 0; i < nanos.length; i++) {
            windows.add(new Window(LENGTH * i, LENGTH * (i + 1), nanos[i], i < 3 ? 500 : 0, 1));
        }
        return windows;
    }

    @Test
    void isSteadyFromTheFirstWindowAfterTheLastSlowOne() {
        List<Window> windows =
                windows(900, 100, 100, 300, 105, 99, 100, 101, 100, 102, 100, 98, 100);
        Timeline.Verdict verdict = Timeline.judge(windows);
        assertThat(verdict.steadyFrom()).isEqualTo(4 * LENGTH);
        assertThat(verdict.nanos()).isEqualTo(100);
        assertThat(verdict.worst()).isEqualTo(105);
        assertThat(verdict.bytes()).isZero();
        assertThat(verdict.cpuShare()).isEqualTo(1);
    }

    @Test
    void aRelapseAtTheEndIsNotSteady() {
        List<Window> windows = windows(100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 200);
        Timeline.Verdict verdict = Timeline.judge(windows);
        assertThat(verdict.steadyFrom()).isEqualTo(11 * LENGTH);
        assertThat(verdict.worst()).isEqualTo(200);
    }

    @Test
    void windowsWithoutTheCpuSayNothing() {
        List<Window> windows = windows(500, 100, 100, 100, 100, 100, 100, 100, 100, 100);
        windows.add(new Window(10 * LENGTH, 11 * LENGTH, 400, 0, 0.3));
        windows.add(new Window(11 * LENGTH, 12 * LENGTH, 100, 0, 1));
        Timeline.Verdict verdict = Timeline.judge(windows);
        assertThat(verdict.steadyFrom()).isEqualTo(LENGTH);
        assertThat(verdict.cpuShare()).isBetween(0.9, 0.95);
    }

    @Test
    void runsOnUntilItIsSettled() {
        double[] sink = {0};
        Runnable work =
                () -> {
                    for (int i = 0; i < 10_000; i++) {
                        sink[0] += Math.sqrt(i);
                    }
                };
        Timeline timeline = new Timeline(work).run(500_000_000, 20_000_000_000L);
        Timeline.Verdict verdict = timeline.verdict();
        assertThat(verdict.nanos()).isBetween(1_000.0, 1e7);
        assertThat(verdict.steadyFrom()).isPositive().isLessThan(Timeline.sinceStart());
        assertThat(timeline.whole().steadyFrom()).isLessThanOrEqualTo(verdict.steadyFrom());
        assertThat(timeline.whole().worst()).isGreaterThanOrEqualTo(verdict.worst());
    }
}
