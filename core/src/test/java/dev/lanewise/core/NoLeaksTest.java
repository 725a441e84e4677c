package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.core.testing.NoLeaks;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

class NoLeaksTest {

    private static Object store(Map<Object, Object> values, String method, Object[] arguments) {
        return switch (method) {
            case "put" -> values.put(arguments[0], arguments[1]);
            case "remove" -> values.remove(arguments[0]);
            default -> throw new AssertionError(method);
        };
    }

    /** A context with nothing but a store. */
    private static ExtensionContext context() {
        Map<Object, Object> values = new HashMap<>();
        ClassLoader loader = NoLeaksTest.class.getClassLoader();
        Object store =
                Proxy.newProxyInstance(
                        loader,
                        new Class<?>[] {ExtensionContext.Store.class},
                        (proxy, method, arguments) -> store(values, method.getName(), arguments));
        return (ExtensionContext)
                Proxy.newProxyInstance(
                        loader,
                        new Class<?>[] {ExtensionContext.class},
                        (proxy, method, arguments) -> store);
    }

    private static AssertionError end(NoLeaks check, ExtensionContext context) {
        try {
            check.afterEach(context);
            return null;
        } catch (AssertionError e) {
            return e;
        }
    }

    @Test
    void aTestThatLeavesMemoryOrAScopeFails() {
        NoLeaks check = new NoLeaks();
        ExtensionContext context = context();

        check.beforeEach(context);
        Scope scope = Scope.open();
        scope.zeros(Shape.of(100));
        AssertionError leak = end(check, context);
        scope.close();
        assertThat(leak).hasMessageContaining("leaves 448 bytes more live and 1 scopes more open");

        check.beforeEach(context);
        try (Scope inner = Scope.open()) {
            inner.zeros(Shape.of(100));
        }
        assertThat(end(check, context)).isNull();
    }
}
