package dev.lanewise.core.testing;

import dev.lanewise.core.Leaks;
import dev.lanewise.core.Scope;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A JUnit extension that fails a test which does not return to the live bytes, and the depth of
 * open scopes, that it began with; the failure lists where the memory was allocated.
 *
 * <p>Use: {@code @ExtendWith(NoLeaks.class)} on the test class.
 */
public final class NoLeaks implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(NoLeaks.class);

    private record Start(long liveBytes, int depth, boolean wasTracking) {}

    @Override
    public void beforeEach(ExtensionContext context) {
        Start start = new Start(Scope.liveBytes(), Scope.depth(), Leaks.isTracking());
        context.getStore(NAMESPACE).put(Start.class, start);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Start start = context.getStore(NAMESPACE).remove(Start.class, Start.class);
        long left = Scope.liveBytes() - start.liveBytes;
        int open = Scope.depth() - start.depth;
        if (left == 0 && open == 0) {
            return;
        }
        String where =
                start.wasTracking
                        ? System.lineSeparator() + Leaks.report()
                        : "; -Dlanewise.leaks=track tells where they were allocated";
        throw new AssertionError(
                "the test leaves %d bytes more live and %d scopes more open than it found%s"
                        .formatted(left, open, where));
    }
}
