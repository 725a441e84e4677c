package dev.lanewise.samples.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.lanewise.samples.SampleException;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Penguins of three species near Palmer Station, Antarctica; some measurements are missing. */
public final class Penguins {
    /**
     * One penguin; a measurement is empty where it was not taken.
     *
     * @param species Adelie, Chinstrap or Gentoo
     * @param island where it lives
     * @param beakLength in millimetres
     * @param beakDepth in millimetres
     * @param flipperLength in millimetres
     * @param bodyMass in grams
     * @param sex MALE or FEMALE
     */
    public record Penguin(
            String species,
            String island,
            OptionalDouble beakLength,
            OptionalDouble beakDepth,
            OptionalDouble flipperLength,
            OptionalDouble bodyMass,
            Optional<String> sex) {}

    private record Row(
            @JsonProperty("Species") String species,
            @JsonProperty("Island") String island,
            @JsonProperty("Beak Length (mm)") Double beakLength,
            @JsonProperty("Beak Depth (mm)") Double beakDepth,
            @JsonProperty("Flipper Length (mm)") Double flipperLength,
            @JsonProperty("Body Mass (g)") Double bodyMass,
            @JsonProperty("Sex") String sex) {}

    private Penguins() {}

    /** All penguins, in the order of the file. */
    public static List<Penguin> load(DataSource source) {
        String json = source.readText("penguins", "penguins.json");
        try {
            return new ObjectMapper()
                    .readValue(json, new TypeReference<List<Row>>() {}).stream()
                            .map(Penguins::penguin)
                            .toList();
        } catch (JsonProcessingException e) {
            throw new SampleException("penguins.json: " + e.getOriginalMessage(), e);
        }
    }

    private static Penguin penguin(Row row) {
        return new Penguin(
                row.species,
                row.island,
                optional(row.beakLength),
                optional(row.beakDepth),
                optional(row.flipperLength),
                optional(row.bodyMass),
                // one entry of the published file reads "."
                Optional.ofNullable(row.sex).filter(sex -> sex.endsWith("MALE")));
    }

    private static OptionalDouble optional(Double value) {
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
