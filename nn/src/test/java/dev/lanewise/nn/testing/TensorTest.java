package dev.lanewise.nn.testing;

import dev.lanewise.core.Scope;
import dev.lanewise.core.testing.NoLeaks;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs each test in a scope of its own and fails it if it leaves memory behind. */
@ExtendWith(NoLeaks.class)
public abstract class TensorTest {

    /** The test's scope. */
    protected Scope scope;

    /** A test. */
    protected TensorTest() {}

    @BeforeEach
    final void openScope() {
        scope = Scope.open();
    }

    @AfterEach
    final void closeScope() {
        scope.close();
    }
}
