package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.core.testing.NoLeaks;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Closing against using, a million times: one of the two fails with an exception, or both do. */
@ExtendWith(NoLeaks.class)
@Timeout(120)
class ScopeRaceTest {
    private static final int ROUNDS = 1_000_000;

    private record Published(Tensor tensor, int round) {}

    private volatile Published current;

    @Test
    void closeAndUseNeverBothSucceedOnTheSameMemory() throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicInteger used = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Thread user =
                new Thread(
                        () -> {
                            try (Scope scope = Scope.open()) {
                                Tensor out = scope.zeros(Shape.of(16));
                                for (Published seen;
                                        (seen = current) == null || seen.round >= 0; ) {
                                    if (seen != null) {
                                        use(seen, out, used, refused, failure);
                                    }
                                }
                            }
                        });
        user.start();
        int inUse = 0;
        try (Scope last = Scope.detached()) {
            for (int round = 0; round < ROUNDS && failure.get() == null; round++) {
                Scope scope = Scope.detached();
                current = new Published(scope.full(Shape.of(16), round), round);
                for (int pause = round % 40; pause > 0; pause--) {
                    Thread.onSpinWait();
                }
                while (!close(scope)) {
                    inUse++;
                }
                // What the memory is used for next must not show in the other thread's result.
                try (Scope next = Scope.detached()) {
                    next.full(Shape.of(16), -1);
                }
            }
            current = new Published(last.zeros(Shape.of(16)), -1);
            user.join();
        }
        assertThat(failure.get()).isNull();
        // A test in which the threads never meet shows nothing.
        assertThat(used.get()).isPositive();
        assertThat(refused.get()).isPositive();
        assertThat(inUse).isPositive();
    }

    private static boolean close(Scope scope) {
        try {
            scope.close();
            return true;
        } catch (ScopeException inUse) {
            return false;
        }
    }

    private static void use(
            Published shared,
            Tensor out,
            AtomicInteger used,
            AtomicInteger refused,
            AtomicReference<Throwable> failure) {
        try {
            Elementwise.add(shared.tensor, shared.tensor, out);
            used.incrementAndGet();
            for (int i = 0; i < 16; i++) {
                if (out.at(i) != 2f * shared.round) {
                    failure.set(new AssertionError("round " + shared.round + ": " + out));
                }
            }
        } catch (ScopeException closed) {
            refused.incrementAndGet();
        } catch (Throwable t) {
            failure.set(t);
        }
    }

    @Test
    void concurrentMovesOfOneTensorLeaveItWithOneOwner() throws InterruptedException {
        for (int round = 0; round < 20_000; round++) {
            Scope source = Scope.detached();
            Scope left = Scope.detached();
            Scope right = Scope.detached();
            Tensor t = source.full(Shape.of(4), round);
            source.ones(Shape.of(4));
            Thread mover = Thread.startVirtualThread(() -> move(left, t));
            move(right, t);
            mover.join();
            source.close();
            assertThat(t.toArray()).containsOnly(round);
            left.close();
            right.close();
            assertThat(t.isClosed()).isTrue();
        }
    }

    private static void move(Scope to, Tensor t) {
        try {
            to.keep(t);
        } catch (ScopeException moving) {
            assertThat(moving).hasMessageContaining("another thread is moving");
        }
    }
}
