package dev.lanewise.samples;

import dev.lanewise.core.Scope;
import dev.lanewise.core.io.ModelFormatException;
import dev.lanewise.core.io.SafeTensors;
import dev.lanewise.nn.Module;
import dev.lanewise.nn.StateDictException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model's weights in a safetensors file, under the names of its parameters. */
final class Weights {
    private Weights() {}

    static void save(Module model, Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create the folder of " + file, e);
        }
        SafeTensors.write(file, model.stateDict());
    }

    static void load(Module model, Path file) {
        if (!Files.isRegularFile(file)) {
            throw new SampleException("--weights: no such file: " + file);
        }
        try (Scope _ = Scope.open()) {
            model.load(SafeTensors.read(file));
        } catch (ModelFormatException | StateDictException e) {
            throw new SampleException("--weights: " + file + ": " + e.getMessage(), e);
        }
    }
}
