package dev.lanewise.samples.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.security.MessageDigest;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The data that a clone carries is whole and is what its NOTICE says. */
class CarriedDataTest {
    private static final DataSource SOURCE = DataSource.carried();

    @ParameterizedTest
    @CsvSource({
        "births, us-births-1969-1988.csv, 168013b3a4dfa99ac37c352abc1f66edae77f30010e8a9976c64554d2816257d",
        "cmudict, cmudict.txt, 08537ee9f27bf95f3b8d14b4bc7e48ab67b0d346391c15290edebcb0d1e50b8e",
        "digits8x8, digits.csv, 6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8",
        "fashion-mnist, test-images-idx3-ubyte, 8fdf02ada67d92f4db5ba3c2f6c5b1cc6186ba6e0efd4914661e4389e103b81e",
        "fashion-mnist, test-labels-idx1-ubyte, 9c71808b3a0ebfc091442c0009a7aa35be2d9622bf6aaf6891ce9a0088e96c07",
        "fashion-mnist, train-images-idx3-ubyte, a724cd72799a6b1c3a81c4263865a75a73bb6473673b3394e34adf222930f19e",
        "fashion-mnist, train-labels-idx1-ubyte, 4738fd437c0f8d6498ae7f6f5c86f1cc3c878d4116ff169fc5635bd6847899cc",
        "iris, iris.csv, f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449",
        "mnist, test-images-idx3-ubyte, e31b83f69dcb290251752025952fa3bbf9ccc7836e1fb5f4b3627a720b63b5a3",
        "mnist, test-labels-idx1-ubyte, 2252842055efcac1a90753de9ea39bf533e9ff44f822aa1002329b24157b5e12",
        "mnist, train-images-idx3-ubyte, 92e265b7414886ac52594f31a52609edbfc8c4bfa17dbe9e48c742312f417caa",
        "mnist, train-labels-idx1-ubyte, f7122ad9ee966f9c5014cbeac576e34fabb37bb75738f2f277c6fd4a7ba36fd4",
        "moby-dick, moby-dick.txt, a1e80da60a02bba37baba0059984cebe715e338eabf9b4daf6a93fa0eff159a8",
        "penguins, penguins.json, 0facf769609f1205b82cbceb8238c36af3e6147a0ca0e163902cc6281ce3e917",
        "seattle-weather, seattle-weather.csv, 0845078a290b48e3149ab8639966824110a251db4e06fc144c06ebb534af23be"
    })
    void contentIsUnchanged(String set, String file, String sha256) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(SOURCE.read(set, file));
        assertThat(HexFormat.of().formatHex(digest)).isEqualTo(sha256);
    }

    @Test
    void mnistIsBalanced() {
        ImageSplit split = Mnist.load(SOURCE);
        assertThat(split.isFull()).isFalse();
        assertThat(split.train().classCounts()).hasSize(10).containsOnly(800);
        assertThat(split.test().classCounts()).hasSize(10).containsOnly(200);
        assertThat(split.train().height()).isEqualTo(28);
        assertThat(split.train().width()).isEqualTo(28);
    }

    @Test
    void mnistTestImagesAreNotAmongTheTrainingImages() {
        ImageSplit split = Mnist.load(SOURCE);
        var train =
                IntStream.range(0, split.train().size())
                        .mapToObj(
                                i ->
                                        HexFormat.of()
                                                .formatHex(split.train().range(i, i + 1).pixels()))
                        .collect(Collectors.toSet());
        assertThat(train).hasSize(8_000);
        assertThat(IntStream.range(0, split.test().size()))
                .noneMatch(
                        i ->
                                train.contains(
                                        HexFormat.of()
                                                .formatHex(split.test().range(i, i + 1).pixels())));
    }

    @Test
    void fashionMnistIsBalanced() {
        ImageSplit split = FashionMnist.load(SOURCE);
        assertThat(split.train().classCounts()).hasSize(10).containsOnly(200);
        assertThat(split.test().classCounts()).hasSize(10).containsOnly(50);
        assertThat(split.train().classes()).hasSize(10);
    }

    @Test
    void digitsHaveTheirPublishedCounts() {
        ImageSplit split = Digits8x8.load(SOURCE);
        assertThat(split.train().size()).isEqualTo(1_438);
        assertThat(split.test().size()).isEqualTo(359);
        int[] all = split.train().classCounts();
        int[] test = split.test().classCounts();
        for (int i = 0; i < 10; i++) {
            all[i] += test[i];
        }
        assertThat(all).containsExactly(178, 182, 177, 183, 181, 182, 181, 179, 174, 180);
        float[] brightness = split.train().brightness();
        assertThat(brightness[2]).isEqualTo(5 / 16f); // first line: 0,0,5,13,...
        assertThat(brightness[3]).isEqualTo(13 / 16f);
    }

    @Test
    void textsStartAndEndWhereTheyShould() {
        String novel = MobyDick.load(SOURCE);
        assertThat(novel)
                .startsWith("CHAPTER 1. Loomings.")
                .contains("Call me Ishmael.")
                .endsWith("\n");

        List<CmuDict.Entry> entries = CmuDict.load(SOURCE);
        assertThat(entries).hasSize(10_000);
        assertThat(entries).allMatch(e -> e.word().matches("[A-Z]{2,}") && !e.phonemes().isEmpty());
        assertThat(entries.stream().map(CmuDict.Entry::word)).doesNotHaveDuplicates().isSorted();
        assertThat(
                        entries.stream()
                                .flatMap(e -> e.phonemes().stream())
                                .map(p -> p.replaceAll("[0-2]$", ""))
                                .distinct())
                .hasSize(39);
        assertThat(entries.stream().map(e -> e.word().charAt(0)).distinct()).hasSize(26);
    }

    @Test
    void seriesHaveNoGaps() {
        List<Births.Day> births = Births.load(SOURCE);
        assertThat(births).hasSize(7_305);
        assertThat(births.getFirst()).isEqualTo(new Births.Day(LocalDate.of(1969, 1, 1), 8_486));
        List<SeattleWeather.Day> weather = SeattleWeather.load(SOURCE);
        assertThat(weather).hasSize(1_461);
        assertThat(weather.getFirst())
                .isEqualTo(
                        new SeattleWeather.Day(
                                LocalDate.of(2012, 1, 1), 0f, 12.8f, 5f, 4.7f, "drizzle"));
        assertThat(weather.stream().map(SeattleWeather.Day::weather).distinct())
                .containsExactlyInAnyOrder("drizzle", "rain", "snow", "sun", "fog");
        assertThat(IntStream.range(1, births.size()))
                .allMatch(i -> births.get(i).date().equals(births.get(i - 1).date().plusDays(1)));
        assertThat(IntStream.range(1, weather.size()))
                .allMatch(i -> weather.get(i).date().equals(weather.get(i - 1).date().plusDays(1)));
    }

    @Test
    void flowersAndPenguinsAreComplete() {
        List<Iris.Flower> flowers = Iris.load(SOURCE);
        assertThat(flowers.stream().collect(Collectors.groupingBy(Iris.Flower::species)))
                .allSatisfy((species, members) -> assertThat(members).hasSize(50))
                .hasSize(3);
        assertThat(flowers.stream().mapToDouble(Iris.Flower::petalLength).average().orElseThrow())
                .isCloseTo(3.758, within(1e-3)); // published mean

        List<Penguins.Penguin> penguins = Penguins.load(SOURCE);
        Map<String, Long> bySpecies =
                penguins.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Penguins.Penguin::species, Collectors.counting()));
        assertThat(bySpecies).isEqualTo(Map.of("Adelie", 152L, "Chinstrap", 68L, "Gentoo", 124L));
        assertThat(penguins.stream().filter(p -> p.bodyMass().isEmpty())).hasSize(2);
        assertThat(penguins.stream().flatMap(p -> p.sex().stream()).distinct())
                .containsExactlyInAnyOrder("MALE", "FEMALE");
    }
}
