package dev.lanewise.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.io.ModelFormatException;
import dev.lanewise.core.io.SafeTensors;
import dev.lanewise.nn.autograd.Parameter;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.layers.Activation;
import dev.lanewise.nn.layers.BatchNorm2d;
import dev.lanewise.nn.layers.Conv2d;
import dev.lanewise.nn.layers.Flatten;
import dev.lanewise.nn.layers.Linear;
import dev.lanewise.nn.layers.Sequential;
import dev.lanewise.nn.testing.Digits;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class ModuleTest extends TensorTest {

    private static Sequential small(long seed) {
        RandomStream random = new RandomStream(seed);
        return new Sequential(
                new Conv2d(1, 2, 3, random),
                new BatchNorm2d(2),
                Activation.relu(),
                new Flatten(),
                new Linear(2 * 2 * 2, 3, random));
    }

    @Test
    void namesAreThoseOfPyTorch() {
        assertThat(small(1).stateDict().keySet())
                .containsExactly(
                        "0.weight",
                        "0.bias",
                        "1.weight",
                        "1.bias",
                        "1.running_mean",
                        "1.running_var",
                        "1.num_batches_tracked",
                        "4.weight",
                        "4.bias");
        assertThat(new Digits(new RandomStream(1)).parameters().keySet())
                .containsExactly(
                        "conv1.weight",
                        "conv1.bias",
                        "conv2.weight",
                        "conv2.bias",
                        "fc1.weight",
                        "fc1.bias",
                        "fc2.weight",
                        "fc2.bias");
    }

    @Test
    void loadCopiesTheStateOfAnotherModel() {
        Sequential a = small(1);
        Sequential b = small(2);
        Variable x =
                Variable.of(new RandomStream(3).normal(scope.empty(Shape.of(2, 1, 4, 4)), 0, 1));
        assertThat(b.forward(x).value().toArray()).isNotEqualTo(a.forward(x).value().toArray());
        b.load(a.stateDict());
        assertThat(b.forward(x).value().toArray()).containsExactly(a.forward(x).value().toArray());
    }

    @Test
    void strictLoadListsEveryDifferenceAndChangesNothing() {
        Sequential model = small(1);
        float[] before = model.stateDict().get("4.weight").toArray();
        Map<String, Tensor> state = new LinkedHashMap<>(small(2).stateDict());
        state.remove("0.bias");
        state.put("0.bais", scope.zeros(Shape.of(2)));
        state.put("4.bias", scope.zeros(Shape.of(4)));
        assertThatThrownBy(() -> model.load(state))
                .isInstanceOf(StateDictException.class)
                .hasMessage(
                        """
                        load: the state does not fit Sequential
                          1. missing: 0.bias [2]
                          2. shape differs: 4.bias is [3] in the model, [4] in the state
                          3. unknown: 0.bais [2]""");
        assertThat(model.stateDict().get("4.weight").toArray()).containsExactly(before);
        List<String> differences = model.loadMatching(state);
        assertThat(differences).hasSize(3);
        assertThat(model.stateDict().get("4.weight").toArray()).isNotEqualTo(before);
    }

    @Test
    void aModelSurvivesAFile(@TempDir Path folder) {
        Path file = folder.resolve("model.safetensors");
        Sequential a = small(1);
        a.forward(
                Variable.of(new RandomStream(3).normal(scope.empty(Shape.of(4, 1, 4, 4)), 1, 2)),
                Context.training(new RandomStream(4)));
        a.save(file);
        Sequential b = small(2);
        b.load(file);
        a.stateDict()
                .forEach(
                        (name, tensor) ->
                                assertThat(b.stateDict().get(name).toFloat().toArray())
                                        .as(name)
                                        .containsExactly(tensor.toFloat().toArray()));
        assertThat(b.buffers().get("1.num_batches_tracked").toIntArray()).containsExactly(1);
        long live = Scope.liveBytes();
        b.load(file);
        assertThat(Scope.liveBytes()).isEqualTo(live);
    }

    @Test
    void loadingAFileIsStrictAndNamesTheFile(@TempDir Path folder) {
        Path file = folder.resolve("other.safetensors");
        Map<String, Tensor> state = new LinkedHashMap<>(small(2).stateDict());
        state.remove("0.bias");
        state.put("0.bais", scope.zeros(Shape.of(2)));
        state.put("4.bias", scope.zeros(Shape.of(4)));
        SafeTensors.write(file, state);
        Sequential model = small(1);
        float[] before = model.stateDict().get("4.weight").toArray();
        assertThatThrownBy(() -> model.load(file))
                .isInstanceOf(StateDictException.class)
                .hasMessage(
                        """
                        load: %s does not fit Sequential
                          1. missing: 0.bias [2]
                          2. shape differs: 4.bias is [3] in the model, [4] in the file
                          3. unknown: 0.bais [2]"""
                                .formatted(file));
        assertThat(model.stateDict().get("4.weight").toArray()).containsExactly(before);
        assertThatThrownBy(() -> model.load(folder.resolve("none")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("none");
    }

    @Test
    void aDamagedFileChangesNothing(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("cut.safetensors");
        small(2).save(file);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 4));
        Sequential model = small(1);
        float[] before = model.stateDict().get("0.weight").toArray();
        assertThatThrownBy(() -> model.load(file)).isInstanceOf(ModelFormatException.class);
        assertThat(model.stateDict().get("0.weight").toArray()).containsExactly(before);
    }

    @Test
    void theArchitectureIsReadable() {
        assertThat(small(1).toString())
                .isEqualTo(
                        """
                        Sequential()  51 parameters
                          0: Conv2d(1, 2, kernel 3x3, stride 1x1, padding 0)  20 parameters
                          1: BatchNorm2d(2, epsilon 1.0E-5, momentum 0.1)  4 parameters
                          2: Activation(relu)
                          3: Flatten()
                          4: Linear(8, 3)  27 parameters""");
    }

    @Test
    void badNamesAreRefused() {
        assertThatThrownBy(() -> new Named("a.b")).hasMessageContaining("\"a.b\"");
        assertThatThrownBy(() -> new Named("")).hasMessageContaining("empty");
        assertThatThrownBy(() -> new Named("taken")).hasMessageContaining("registered already");
    }

    private final class Named extends Module {
        Named(String name) {
            param("taken", scope.zeros(Shape.of(1)));
            param(name, scope.zeros(Shape.of(1)));
        }
    }

    @Test
    void sharedModulesCountOnce() {
        Linear shared = new Linear(4, 4, new RandomStream(1));
        Sequential model = new Sequential(shared, Activation.tanh(), shared);
        assertThat(model.parameters().keySet()).containsExactly("0.weight", "0.bias");
        assertThat(model.parameterCount()).isEqualTo(20);
        assertThat(model.stateDict().keySet())
                .containsExactly("0.weight", "0.bias", "2.weight", "2.bias");
    }

    @Test
    void aSharedParameterTakesOneValue() {
        Linear shared = new Linear(4, 4, new RandomStream(1));
        Sequential model = new Sequential(shared, Activation.tanh(), shared);
        Map<String, Tensor> state = new LinkedHashMap<>(model.stateDict());
        model.load(state);
        state.put("2.bias", scope.ones(Shape.of(4)));
        float[] before = shared.weight().value().toArray();
        assertThatThrownBy(() -> model.load(state))
                .isInstanceOf(StateDictException.class)
                .hasMessageContaining("values differ: 0.bias and 2.bias are one parameter");
        assertThat(shared.weight().value().toArray()).containsExactly(before);
    }

    private static final class Odd extends Module {
        Odd(boolean loop) {
            child("part", loop ? this : null);
        }
    }

    @Test
    void partsThatCanNotBeAreRefused() {
        assertThatThrownBy(() -> new Odd(false)).hasMessage("Odd: the part \"part\" is null");
        assertThatThrownBy(() -> new Odd(true))
                .hasMessage("Odd: the part \"part\" would contain itself");
    }

    @Test
    void freezingByName() {
        Digits model = new Digits(new RandomStream(1));
        model.freeze(name -> name.startsWith("conv"));
        assertThat(model.parameters().values().stream().filter(Parameter::isFrozen)).hasSize(4);
        model.unfreeze(name -> name.endsWith("bias"));
        assertThat(model.parameters().values().stream().filter(Parameter::isFrozen)).hasSize(2);
    }

    @Test
    void parametersMoveIntoOneSlab() {
        Digits model = new Digits(new RandomStream(1));
        float[] weight = model.parameters().get("conv2.weight").value().toArray();
        ParameterSlab slab = ParameterSlab.of(model);
        assertThat(slab.names()).containsExactlyElementsOf(model.parameters().keySet());
        Parameter conv2 = model.parameters().get("conv2.weight");
        assertThat(conv2.value().toArray()).containsExactly(weight);
        long offset = slab.offset(2);
        assertThat(offset).isEqualTo(36 + 12 + 16); // 4·9 weights and 4 biases, each padded to 16
        slab.values().set(123, offset);
        assertThat(conv2.value().at(0, 0, 0, 0)).isEqualTo(123);
        for (int i = 0; i < slab.names().size(); i++) {
            Tensor value = slab.parameters().get(i).value();
            assertThat(value.isContiguous()).isTrue();
            assertThat(value.offset() % 16).isZero();
            assertThat(value.sharesMemoryWith(slab.values())).isTrue();
        }
    }
}
