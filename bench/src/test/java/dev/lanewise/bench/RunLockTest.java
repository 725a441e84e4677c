package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

class RunLockTest {
    @TempDir private Path folder;

    @Test
    void isHeldByOneRunAtATime() throws IOException {
        Path file = folder.resolve("lock");
        try (RunLock _ = RunLock.take(file).orElseThrow()) {
            assertThat(RunLock.take(file)).isEmpty();
        }
        try (RunLock again = RunLock.take(file).orElseThrow()) {
            assertThat(again).isNotNull();
        }
    }
}
