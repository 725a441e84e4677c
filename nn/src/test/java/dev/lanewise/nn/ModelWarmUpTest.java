package dev.lanewise.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Scope;
import dev.lanewise.core.ScopeException;
import dev.lanewise.core.Shape;
import dev.lanewise.core.WarmUp;
import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.layers.Activation;
import dev.lanewise.nn.layers.Linear;
import dev.lanewise.nn.layers.Sequential;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.time.Duration;

/** A model is warmed up as the documentation of {@link WarmUp} says. */
@ExtendWith(NoLeaks.class)
class ModelWarmUpTest {
    private static Layer model() {
        RandomStream random = new RandomStream(5);
        return new Sequential(
                new Linear(24, 40, random), Activation.relu(), new Linear(40, 10, random));
    }

    private static Runnable call(Layer model, Variable input) {
        return () -> {
            try (Scope _ = Scope.open()) {
                model.forward(input, Context.inference());
            }
        };
    }

    @Test
    void becomesSteadyWithAScopePerCallAndAnAllowance() {
        try (Scope scope = Scope.open()) {
            Runnable call = call(model(), Variable.of(scope.ones(Shape.of(4, 24))));
            long live = Scope.liveBytes();
            WarmUp.Report report = WarmUp.of(call).allowBytes(1 << 16).run().requireSteady();
            assertThat(report.bytesPerRun()).isBetween(1L, 1L << 16);
            assertThat(Scope.liveBytes()).isEqualTo(live);
        }
    }

    @Test
    void neverIsWithoutAnAllowance() {
        try (Scope scope = Scope.open()) {
            Runnable call = call(model(), Variable.of(scope.ones(Shape.of(4, 24))));
            WarmUp.Report report = WarmUp.of(call).limit(Duration.ofSeconds(2)).run();
            assertThat(report.steady()).as(report.toString()).isFalse();
            assertThat(report.bytesPerRun()).isPositive();
            assertThatThrownBy(report::requireSteady).hasMessageContaining("allowBytes");
        }
    }

    @Test
    void needsAScope() {
        try (Scope home = Scope.detached()) {
            Layer model;
            Variable input;
            try (var _ = home.enter()) {
                model = model();
                input = Variable.of(home.ones(Shape.of(4, 24)));
            }
            Runnable bare = () -> model.forward(input, Context.inference());
            assertThatThrownBy(() -> WarmUp.of(bare).run())
                    .isInstanceOf(ScopeException.class)
                    .hasMessageContaining("no scope is open");
        }
    }
}
