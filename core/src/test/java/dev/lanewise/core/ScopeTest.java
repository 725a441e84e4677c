package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

@ExtendWith(NoLeaks.class)
class ScopeTest {

    /** What the work throws on another thread, or null. */
    private static Throwable onAnotherThread(ThrowingCallable work) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                work.call();
                                return null;
                            } catch (Throwable t) {
                                return t;
                            }
                        },
                        task -> new Thread(task, "another").start())
                .join();
    }

    @Test
    void resultsGoToTheCurrentScope() {
        try (Scope outer = Scope.open()) {
            Tensor a = outer.ones(Shape.of(3));
            Tensor sum;
            try (Scope inner = Scope.open()) {
                assertThat(Scope.current()).isSameAs(inner);
                sum = a.add(a);
                assertThat(sum.scope()).isSameAs(inner);
            }
            assertThat(Scope.current()).isSameAs(outer);
            assertThat(sum.isClosed()).isTrue();
            assertThat(a.isClosed()).isFalse();
        }
    }

    @Test
    void missingValuesAreExplained() {
        try (Scope scope = Scope.open()) {
            Shape shape = Shape.of(3);
            for (ThrowingCallable call :
                    List.<ThrowingCallable>of(
                            () -> scope.of((float[]) null),
                            () -> scope.of((float[]) null, shape),
                            () -> scope.of((float[][]) null),
                            () -> scope.of((FloatBuffer) null, shape))) {
                assertThatThrownBy(call)
                        .isInstanceOf(ArgumentException.class)
                        .hasMessage(
                                "Scope.of: the values are null; for a tensor of zeros call"
                                        + " zeros(shape)");
            }
            for (ThrowingCallable call :
                    List.<ThrowingCallable>of(
                            () -> scope.ofInts((int[]) null),
                            () -> scope.ofInts((int[]) null, shape),
                            () -> scope.ofInts((IntBuffer) null, shape))) {
                assertThatThrownBy(call)
                        .isInstanceOf(ArgumentException.class)
                        .hasMessageStartingWith("Scope.ofInts: the values are null");
            }
        }
    }

    @Test
    void withoutAScopeThereAreNoResults() {
        Scope scope = Scope.open();
        Tensor a = scope.ones(Shape.of(3));
        assertThat(
                        onAnotherThread(
                                () ->
                                        assertThatThrownBy(() -> a.add(a))
                                                .isInstanceOf(ScopeException.class)
                                                .hasMessageStartingWith(
                                                        "no scope is open on this thread")))
                .isNull();
        scope.close();
    }

    @Test
    void useAfterCloseIsAnException() {
        Tensor a;
        try (Scope scope = Scope.open()) {
            a = scope.ones(Shape.of(2, 3));
        }
        try (Scope scope = Scope.open()) {
            Tensor b = scope.ones(Shape.of(2, 3));
            for (ThrowingCallable use :
                    new ThrowingCallable[] {
                        () -> a.add(b),
                        () -> b.add(a),
                        () -> Elementwise.add(b, b, a),
                        () -> a.at(0, 0),
                        () -> a.set(1, 0, 0),
                        () -> a.segment(),
                        () -> a.toArray(),
                        () -> a.copyFrom(new float[6]),
                        () -> a.fill(1),
                        () -> a.copy(),
                        () -> a.reshape(3, 2),
                        () -> a.transpose(),
                        () -> a.matmul(b.transpose()),
                        () -> scope.keep(a),
                        () -> a.acquire("test"),
                    }) {
                assertThatThrownBy(use)
                        .isInstanceOf(ScopeException.class)
                        .hasMessageContaining("used after its scope was closed");
            }
            assertThat(a.toString()).isEqualTo("Tensor[2, 3] float32 (its scope is closed)");
        }
    }

    @Test
    void theMessageNamesTheOperation() {
        Tensor a;
        try (Scope scope = Scope.open()) {
            a = scope.ones(Shape.of(2));
        }
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> scope.ones(Shape.of(2)).multiply(a))
                    .hasMessage(
                            "multiply: a tensor is used after its scope was closed; keep(tensor) in"
                                    + " an outer scope lets it live longer");
        }
    }

    @Test
    void closingTwiceIsAnException() {
        Scope scope = Scope.open();
        scope.close();
        assertThatThrownBy(scope::close)
                .isInstanceOf(ScopeException.class)
                .hasMessage("Scope.close: the scope is closed already");
        Scope detached = Scope.detached();
        detached.close();
        assertThatThrownBy(detached::close).isInstanceOf(ScopeException.class);
        assertThatThrownBy(detached::enter).isInstanceOf(ScopeException.class);
        assertThatThrownBy(() -> detached.zeros(Shape.of(1))).isInstanceOf(ScopeException.class);
        assertThatThrownBy(() -> scope.zeros(Shape.of(1))).isInstanceOf(ScopeException.class);
    }

    @Test
    void closingOutOfOrderIsAnExceptionAndChangesNothing() {
        Scope outer = Scope.open();
        Tensor a = outer.ones(Shape.of(2));
        Scope inner = Scope.open();
        assertThatThrownBy(outer::close)
                .isInstanceOf(ScopeException.class)
                .hasMessageContaining("not the innermost scope");
        assertThat(a.toArray()).containsExactly(1, 1);
        inner.close();
        outer.close();
        assertThat(a.isClosed()).isTrue();
    }

    @Test
    void anotherThreadMayReadButNotCloseOrCreate() {
        try (Scope scope = Scope.open()) {
            Tensor a = scope.ones(Shape.of(2));
            assertThat(onAnotherThread(scope::close))
                    .isInstanceOf(ScopeException.class)
                    .hasMessageContaining("this is another");
            assertThat(onAnotherThread(() -> scope.zeros(Shape.of(2))))
                    .isInstanceOf(ScopeException.class)
                    .hasMessageContaining("use Scope.detached()");
            assertThat(
                            onAnotherThread(
                                    () -> {
                                        try (Scope own = Scope.open()) {
                                            assertThat(a.add(1).toArray()).containsExactly(2, 2);
                                            assertThatThrownBy(() -> own.keep(a))
                                                    .isInstanceOf(ScopeException.class);
                                        }
                                    }))
                    .isNull();
            assertThat(a.toArray()).containsExactly(1, 1);
        }
    }

    @Test
    void aScopeOfADeadThreadCanBeClosedByAnother() {
        AtomicReference<Scope> left = new AtomicReference<>();
        long before = Scope.liveBytes();
        assertThat(
                        onAnotherThread(
                                () -> {
                                    left.set(Scope.open());
                                    left.get().zeros(Shape.of(1000));
                                }))
                .isNull();
        assertThat(Scope.liveBytes()).isGreaterThan(before);
        long end = System.nanoTime() + 5_000_000_000L;
        while (true) {
            try {
                left.get().close();
                break;
            } catch (ScopeException e) {
                // The thread has given its result, but may still be ending.
                assertThat(System.nanoTime()).isLessThan(end);
            }
        }
        assertThat(Scope.liveBytes()).isEqualTo(before);
    }

    @Test
    void keptTensorsAndTheirViewsOutliveTheirScope() {
        try (Scope outer = Scope.open()) {
            Tensor kept;
            Tensor view;
            Tensor lost;
            try (Scope inner = Scope.open()) {
                Tensor a = inner.of(1, 2, 3, 4);
                view = a.reshape(2, 2).transpose();
                lost = inner.ones(Shape.of(3));
                kept = outer.keep(a);
                assertThat(kept).isSameAs(a);
                assertThat(outer.keep(view)).isSameAs(view);
            }
            assertThat(kept.scope()).isSameAs(outer);
            assertThat(kept.toArray()).containsExactly(1, 2, 3, 4);
            assertThat(view.toArray()).containsExactly(1, 3, 2, 4);
            assertThat(lost.isClosed()).isTrue();
        }
    }

    @Test
    void keepingFromAnyPlaceOfTheListKeepsTheOthersRight() {
        try (Scope outer = Scope.open()) {
            for (int pick = 0; pick < 4; pick++) {
                Tensor[] all = new Tensor[4];
                try (Scope inner = Scope.open()) {
                    for (int i = 0; i < 4; i++) {
                        all[i] = inner.full(Shape.of(2), i);
                    }
                    outer.keep(all[pick]);
                }
                for (int i = 0; i < 4; i++) {
                    assertThat(all[i].isClosed()).isEqualTo(i != pick);
                }
                assertThat(all[pick].toArray()).containsOnly(pick);
            }
        }
    }

    @Test
    void detachedScopesServeWhereTheyAreEntered() {
        Scope detached = Scope.detached();
        assertThatThrownBy(() -> Entered.inOpenScope()).isInstanceOf(ScopeException.class);
        AtomicReference<Tensor> made = new AtomicReference<>();
        assertThat(
                        onAnotherThread(
                                () -> {
                                    try (Scope.Entry _ = detached.enter()) {
                                        made.set(detached.of(1, 2).add(1));
                                    }
                                    assertThat(Scope.isAnyOpen()).isFalse();
                                }))
                .isNull();
        assertThat(made.get().scope()).isSameAs(detached);
        assertThat(made.get().toArray()).containsExactly(2, 3);
        try (Scope scope = Scope.open()) {
            scope.keep(made.get());
            detached.close();
            assertThat(made.get().toArray()).containsExactly(2, 3);
        }
    }

    private static final class Entered {
        static void inOpenScope() {
            try (Scope scope = Scope.open()) {
                scope.enter();
            }
        }
    }

    @Test
    void entriesAreLeftInReverseOrder() {
        try (Scope detached = Scope.detached()) {
            Scope.Entry first = detached.enter();
            Scope.Entry second = detached.enter();
            assertThatThrownBy(first::close)
                    .isInstanceOf(ScopeException.class)
                    .hasMessageContaining("reverse order");
            second.close();
            first.close();
            assertThatThrownBy(first::close).isInstanceOf(ScopeException.class);
        }
    }

    @Test
    void closeFailsWhileAnOperationOnAnotherThreadHoldsATensor() {
        Scope scope = Scope.open();
        Tensor first = scope.ones(Shape.of(3));
        Tensor held = scope.ones(Shape.of(3));
        Tensor last = scope.ones(Shape.of(3));
        CompletableFuture<Void> isHeld = new CompletableFuture<>();
        CompletableFuture<Void> letGo = new CompletableFuture<>();
        Thread user =
                new Thread(
                        () -> {
                            held.acquire("test");
                            isHeld.complete(null);
                            letGo.join();
                            held.release();
                        });
        user.start();
        isHeld.join();
        assertThatThrownBy(scope::close)
                .isInstanceOf(ScopeException.class)
                .hasMessageContaining("an operation is using a tensor");
        assertThat(scope.isClosed()).isFalse();
        assertThat(first.add(held).add(last).toArray()).containsOnly(3);
        letGo.complete(null);
        assertThat(catchInterrupt(user)).isTrue();
        scope.close();
        assertThat(held.isClosed()).isTrue();
    }

    @Test
    void keepCanNotUnbalanceAUse() {
        Scope detached = Scope.detached();
        try (Scope own = Scope.open()) {
            Tensor t = own.ones(Shape.of(3));
            t.acquire("test");
            assertThatThrownBy(() -> detached.keep(t))
                    .isInstanceOf(ScopeException.class)
                    .hasMessageContaining("between acquire and release");
            try (Scope inner = Scope.open()) {
                // The same thread owns both.
                inner.keep(t);
                own.keep(t);
            }
            assertThatThrownBy(own::close)
                    .isInstanceOf(ScopeException.class)
                    .hasMessageContaining("release what was acquired");
            t.release();
            assertThat(detached.keep(t).scope()).isSameAs(detached);

            t.acquire("test");
            assertThatThrownBy(() -> own.keep(t))
                    .isInstanceOf(ScopeException.class)
                    .hasMessageContaining("between acquire and release");
            t.release();
            own.keep(t);
        }
        detached.close();
    }

    private static boolean catchInterrupt(Thread thread) {
        try {
            thread.join();
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void failedOperationsHoldNothing() {
        Scope detached = Scope.detached();
        Tensor a = detached.ones(Shape.of(2));
        Tensor closed;
        try (Scope scope = Scope.open()) {
            closed = scope.ones(Shape.of(2));
        }
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> a.add(closed)).isInstanceOf(ScopeException.class);
            assertThatThrownBy(() -> closed.add(a)).isInstanceOf(ScopeException.class);
            assertThatThrownBy(() -> Elementwise.multiplyAdd(a, a, closed))
                    .isInstanceOf(ScopeException.class);
            assertThatThrownBy(() -> Joining.concat(0, a, closed))
                    .isInstanceOf(ScopeException.class);
            assertThatThrownBy(() -> a.add(scope.ones(Shape.of(3))))
                    .isInstanceOf(ShapeException.class);
        }
        // Would fail if a hold were left.
        detached.close();
    }
}
