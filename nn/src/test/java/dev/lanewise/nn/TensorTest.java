package dev.lanewise.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.core.Scope;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Runs each test in a scope of its own and asserts that no memory is left behind. */
public abstract class TensorTest {

    /** The test's scope. */
    protected Scope scope;

    private long liveBefore;

    /** A test. */
    protected TensorTest() {}

    @BeforeEach
    final void openScope() {
        liveBefore = Scope.liveBytes();
        scope = Scope.open();
    }

    @AfterEach
    final void closeScope() {
        assertThat(Scope.current()).as("scopes left open by the test").isSameAs(scope);
        scope.close();
        assertThat(Scope.liveBytes()).as("live bytes after the test").isEqualTo(liveBefore);
    }
}
